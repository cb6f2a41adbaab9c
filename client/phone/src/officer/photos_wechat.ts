// Photos that wait in WeChat: among the files of the mini program.

import { Problem, problemOf } from "@core/http";
import type { Waiting } from "@core/queue";
import { server } from "../app/platform";
import { headersOf, type PhotoStore } from "./photo_store";

function keepFile(path: string, _name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    uni.saveFile({ tempFilePath: path, success: ({ savedFilePath }) => resolve(savedFilePath), fail: reject });
  });
}

function forgetFile(name: string): Promise<void> {
  return new Promise((resolve) => { uni.removeSavedFile({ filePath: name, complete: () => resolve() }); });
}

function sendFile(write: Waiting): Promise<unknown> {
  return new Promise((resolve, reject) => {
    uni.uploadFile({
      url: server + write.path, filePath: write.file ?? "", name: "file", header: headersOf(write),
      formData: (write.body ?? {}) as Record<string, string>,
      success: ({ statusCode, data }) => {
        if (statusCode < 400) resolve(data);
        else reject(problemOf({ status: statusCode, headers: {}, text: String(data) }));
      },
      fail: () => reject(new Problem(0, "offline", "网络不通", "网络不通，照片留在本机，联网后自动上传")),
    });
  });
}

export const wechatPhotos: PhotoStore = { keep: keepFile, forget: forgetFile, send: sendFile };
