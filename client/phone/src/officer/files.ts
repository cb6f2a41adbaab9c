// The store of photos of this platform.

// #ifdef H5
import { browserPhotos } from "./photos_browser";
// #endif
// #ifndef H5
import { wechatPhotos } from "./photos_wechat";
// #endif
import type { PhotoStore } from "./photo_store";

let store: PhotoStore;
// #ifdef H5
store = browserPhotos;
// #endif
// #ifndef H5
store = wechatPhotos;
// #endif

export const photos = store;
