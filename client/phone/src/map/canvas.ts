// What the page asks of a map, whichever of the two it is: the only part of the app with two bodies.

import type { View } from "@core/filters";
import type { Box } from "@core/geometry";

export interface Canvas {
  fit(target: Box, most?: number, fast?: boolean): void;
  fly(view: View): void;
  here(longitude: number, latitude: number): void;
  resize(): void;
}
