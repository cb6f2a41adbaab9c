// Who did something, in words: accounts by name, machines by what they are.

export function actorTitle(actor: string | null | undefined): string {
  if (!actor) return "—";
  if (actor === "system") return "系统";
  if (actor.startsWith("cli:")) return "命令行";
  if (actor.startsWith("investor:")) return "投资人";
  return actor.replace(/^user:/, "");
}
