/** Where the sheet of the map stands. */
export type Stop = "peek" | "half" | "full";
