// What the console tells its user: done, or refused in the server's own words.

import { ElMessage, ElMessageBox } from "element-plus";
import "element-plus/theme-chalk/el-message.css";
import "element-plus/theme-chalk/el-message-box.css";
import "element-plus/theme-chalk/el-overlay.css";

export const done = (text: string): void => void ElMessage({ type: "success", message: text, duration: 2500 });

export const failed = (error: unknown): void =>
  void ElMessage({ type: "error", message: error instanceof Error ? error.message : String(error), duration: 6000, showClose: true });

/** Whether the user really wants it; says what will come of it. */
export async function sure(title: string, effect: string, yes = "确定"): Promise<boolean> {
  try {
    await ElMessageBox.confirm(effect, title, { confirmButtonText: yes, cancelButtonText: "返回", autofocus: false });
    return true;
  } catch {
    return false;
  }
}

/** A password, typed unseen; none when the user turns back. */
export async function secret(title: string, why: string): Promise<string> {
  try {
    const { value } = await ElMessageBox.prompt(why, title, { inputType: "password", confirmButtonText: "确认", cancelButtonText: "返回" });
    return value ?? "";
  } catch {
    return "";
  }
}

export async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** A file of the server, saved by the browser; the session cookie goes along. */
export function download(path: string): void {
  const link = document.createElement("a");
  link.href = `/api/v1${path}`;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}
