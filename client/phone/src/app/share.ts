// Short addresses of our pages: made by the server, opened here again.

import { asInvestor, investorApi } from "./people";
import { absolute, copy, go, pageUrl, toast } from "./platform";
import { said } from "./answers";

// #ifdef H5
/** Hands a page on: by the device's own means, else through the clipboard. */
export async function share(title: string, path: string): Promise<void> {
  // Without a code the long address does as well.
  const url = await asInvestor((api) => api.share(path)).then((made) => made.url, () => pageUrl(path));
  if (navigator.share) navigator.share({ title, url }).catch(() => undefined);
  else copy(url, "链接已复制，可直接发给同事");
}
// #endif

/** Where the picture is that WeChat's camera opens a page by; empty if it could not be made. */
export async function miniProgramCode(path: string): Promise<string> {
  try {
    const { code } = await asInvestor((api) => api.share(path));
    const picture = `/api/v1/shares/${code}/wxacode.jpg`;
    // #ifdef H5
    // uni-app takes a path for one of its own files, below /m/.
    return location.origin + picture;
    // #endif
    // #ifndef H5
    return absolute(picture);
    // #endif
  } catch (error) {
    toast(said(error));
    return "";
  }
}

/** Goes to the page of a share code; `s=…` is what codes carry. */
export async function openShared(scene: string | undefined): Promise<void> {
  const code = /^s=([0-9A-Za-z]{8,12})$/.exec(scene ?? "")?.[1];
  if (!code) return;
  try {
    go((await investorApi.shared(code)).path);
  } catch (error) {
    toast(said(error));
  }
}
