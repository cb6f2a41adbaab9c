// Where a device is: satellites say WGS 84, Chinese maps show GCJ-02.

import type { LatLng } from "./geometry.ts";

const A = 6_378_245;
const EE = 0.006693421622965943;
const RAD = Math.PI / 180;

function shiftLat(x: number, y: number): number {
  const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI) + 20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)
    + 160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3);
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves;
}

function shiftLng(x: number, y: number): number {
  const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI) + 20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)
    + 150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves;
}

/** GCJ-02 of a WGS 84 position in China; within a metre of the official shift. */
export function toGcj02({ longitude, latitude }: LatLng): LatLng {
  const magic = 1 - EE * Math.sin(latitude * RAD) ** 2;
  const root = Math.sqrt(magic);
  const north = shiftLat(longitude - 105, latitude - 35) / (((A * (1 - EE)) / (magic * root)) * RAD);
  const east = shiftLng(longitude - 105, latitude - 35) / ((A / root) * Math.cos(latitude * RAD) * RAD);
  return { longitude: longitude + east, latitude: latitude + north };
}
