// Photos that wait in a browser: in its IndexedDB.

import { Problem, problemOf } from "@core/http";
import type { Waiting } from "@core/queue";
import { server } from "../app/platform";
import { headersOf, type PhotoStore } from "./photo_store";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("kandi", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function files<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await opened();
  return new Promise((resolve, reject) => {
    const transaction = base.transaction("files", mode);
    const request = work(transaction.objectStore("files"));
    transaction.oncomplete = () => { base.close(); resolve(request.result); };
    transaction.onerror = () => reject(transaction.error);
  });
}

/** Keeps the photo behind a temporary address; its name in the store. */
async function keepFile(path: string, name: string): Promise<string> {
  const blob = await (await fetch(path)).blob();
  await files("readwrite", (store) => store.put(blob, name));
  return name;
}

async function forgetFile(name: string): Promise<void> {
  await files("readwrite", (store) => store.delete(name));
}

async function sendFile(write: Waiting): Promise<unknown> {
  const blob = await files<Blob | undefined>("readonly", (store) => store.get(write.file ?? ""));
  if (!blob) throw new Problem(410, "file-gone", "照片已不在本机", "照片已被浏览器清除，请重新拍摄");
  const form = new FormData();
  for (const [name, value] of Object.entries((write.body ?? {}) as Record<string, string>)) form.append(name, value);
  form.append("file", blob, `${write.key}.jpg`);
  let answer: Response;
  try {
    answer = await fetch(server + write.path, { method: "POST", body: form, headers: headersOf(write) });
  } catch {
    throw new Problem(0, "offline", "网络不通", "网络不通，照片留在本机，联网后自动上传");
  }
  const text = await answer.text();
  if (!answer.ok) throw problemOf({ status: answer.status, headers: {}, text });
  return text;
}

export const browserPhotos: PhotoStore = { keep: keepFile, forget: forgetFile, send: sendFile };
