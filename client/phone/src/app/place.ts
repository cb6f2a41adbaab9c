// Where the officer stands, in the coordinate system that the device gives.

import { toGcj02 } from "@core/position";
import type { LatLng } from "@core/geometry";

export interface Place extends LatLng {
  crs: "wgs84" | "gcj02";
  accuracyM: number | null;
}

/** The place of the device; null when it says none within ten seconds. */
export function placeNow(): Promise<Place | null> {
  // #ifdef H5
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ longitude: coords.longitude, latitude: coords.latitude, crs: "wgs84", accuracyM: coords.accuracy }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 15_000 },
    );
  });
  // #endif
  // #ifndef H5
  return new Promise((resolve) => {
    uni.getLocation({
      type: "gcj02", isHighAccuracy: true,
      success: ({ longitude, latitude, accuracy }) => resolve({ longitude, latitude, crs: "gcj02", accuracyM: accuracy ?? null }),
      fail: () => resolve(null),
    });
  });
  // #endif
}

/** The same place on a Chinese map. */
export function onMap(place: Place): LatLng {
  return place.crs === "gcj02" ? place : toGcj02(place);
}
