import { createSSRApp } from "vue";
import App from "./App.vue";

/** What uni-app calls to make the application. */
export function createApp() {
  return { app: createSSRApp(App) };
}
