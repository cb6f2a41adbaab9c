/// <reference types="vite/client" />
declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<Record<string, unknown>, Record<string, unknown>, unknown>;
  export default component;
}
interface ImportMetaEnv {
  /** Address of the server for the mini program, which has no origin of its own. */
  readonly VITE_KANDI_URL?: string;
}
