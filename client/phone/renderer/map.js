// WeChat's <map> as a picture: draws the polygons, lines and markers it is given, in web Mercator of
// GCJ-02 degrees, and tells of moves and taps as WeChat does.

const SIZE = 256;
const KNOWN = ["longitude", "latitude", "scale", "markers", "polygons", "polyline", "minScale", "maxScale", "showLocation", "enableRotate"];
/** Maps by the object of the page or component that holds them: `createMapContext` looks there alone. */
const maps = new WeakMap();
const byCanvas = new WeakMap();

export function mapOf(holder, id) {
  return maps.get(holder)?.[id];
}

/** The map of a canvas, for tests to look at. */
export const pictureIn = (canvas) => byCanvas.get(canvas);

export function map(space) {
  const types = { longitude: Number, latitude: Number, scale: Number, markers: Array, polygons: Array, polyline: Array,
    minScale: Number, maxScale: Number, showLocation: Boolean, enableRotate: Boolean };
  let made = space.define("wx-map");
  for (const name of KNOWN) made = made.property(name, types[name]);
  const pictures = new WeakMap();
  return made
    .lifetime("attached", function attached() {
      const picture = new Picture(this);
      pictures.set(this, picture);
      const holder = this.ownerShadowRoot.getHostNode().getMethodCaller();
      maps.set(holder, { ...maps.get(holder), [this.id]: picture });
    })
    .lifetime("detached", function detached() { pictures.get(this)?.watch.disconnect(); })
    .observer(["longitude", "latitude", "scale"], function moved() { pictures.get(this)?.move(this.data); })
    .observer(["markers", "polygons", "polyline"], function changed() { pictures.get(this)?.draw(); })
    .registerComponent();
}

const mercatorX = (lng) => (lng + 180) / 360;
const mercatorY = (lat) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
const lngOf = (x) => x * 360 - 180;
const latOf = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

class Picture {
  constructor(node) {
    this.node = node;
    this.icons = new Map();
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-label", "地图");
    node.getBackendElement().append(this.canvas);
    byCanvas.set(this.canvas, this);
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.canvas);
    const { longitude, latitude, scale } = node.data;
    this.at = { longitude, latitude, scale: Math.min(20, Math.max(3, scale || 16)) };
    this.listen();
  }

  get world() { return SIZE * 2 ** this.at.scale; }
  get box() { return this.canvas.getBoundingClientRect(); }

  /** Pixels in the picture of a position. */
  project({ longitude, latitude }) {
    const { width, height } = this.box;
    return [
      (mercatorX(longitude) - mercatorX(this.at.longitude)) * this.world + width / 2,
      (mercatorY(latitude) - mercatorY(this.at.latitude)) * this.world + height / 2,
    ];
  }

  unproject(x, y) {
    const { width, height } = this.box;
    return {
      longitude: lngOf(mercatorX(this.at.longitude) + (x - width / 2) / this.world),
      latitude: latOf(mercatorY(this.at.latitude) + (y - height / 2) / this.world),
    };
  }

  move({ longitude, latitude, scale }) {
    if (longitude === this.at.longitude && latitude === this.at.latitude && scale === this.at.scale) return;
    this.at = { longitude, latitude, scale: Math.min(20, Math.max(3, scale)) };
    this.told("update");
  }

  told(causedBy) {
    this.draw();
    for (const type of ["begin", "end"]) {
      setTimeout(() => this.node.triggerEvent("regionchange", { type, causedBy }), type === "end" ? 60 : 0);
    }
  }

  region() {
    const { width, height } = this.box;
    return { southwest: this.unproject(0, height), northeast: this.unproject(width, 0) };
  }

  listen() {
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY, at: { ...this.at }, far: false }; });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (Math.hypot(dx, dy) < 8 && !from.far) return;
      from.far = true;
      this.at.longitude = lngOf(mercatorX(from.at.longitude) - dx / this.world);
      this.at.latitude = latOf(mercatorY(from.at.latitude) - dy / this.world);
      this.draw();
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (from?.far) this.told("drag");
      else if (from) this.tapped(event.clientX - this.box.left, event.clientY - this.box.top);
      from = null;
    });
  }

  tapped(x, y) {
    const hit = [...(this.node.data.markers ?? [])].reverse().find((marker) => {
      const [left, top] = this.corner(marker);
      return x >= left && x <= left + marker.width && y >= top && y <= top + marker.height;
    });
    if (hit) this.node.triggerEvent("markertap", { markerId: hit.id });
    else this.node.triggerEvent("tap", this.unproject(x, y));
  }

  corner(marker) {
    const [x, y] = this.project(marker);
    const anchor = marker.anchor ?? { x: 0.5, y: 1 };
    return [x - marker.width * anchor.x, y - marker.height * anchor.y];
  }

  draw() {
    const { width, height } = this.box;
    if (!width) return;
    Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    pen.fillStyle = "#eef1f3";
    pen.fillRect(0, 0, width, height);
    const { polygons, polyline, markers } = this.node.data;
    for (const one of polygons ?? []) this.ring(pen, one.points, one.strokeColor, one.strokeWidth, one.fillColor);
    for (const one of polyline ?? []) {
      pen.setLineDash(one.dottedLine ? [6, 4] : []);
      this.ring(pen, one.points, one.color, one.width, null);
      pen.setLineDash([]);
    }
    for (const one of [...(markers ?? [])].sort((a, b) => (a.zIndex ?? 0) - (b.zIndex ?? 0))) this.marker(pen, one);
  }

  ring(pen, points, stroke, lineWidth, fill) {
    pen.beginPath();
    points.forEach((point, index) => pen[index ? "lineTo" : "moveTo"](...this.project(point)));
    if (fill !== null) {
      pen.closePath();
      pen.fillStyle = fill;
      pen.fill();
    }
    pen.strokeStyle = stroke;
    pen.lineWidth = lineWidth;
    pen.stroke();
  }

  marker(pen, one) {
    const [left, top] = this.corner(one);
    const icon = this.icon(one.iconPath);
    if (icon.naturalWidth) pen.drawImage(icon, left, top, one.width, one.height);
    const { label } = one;
    if (!label?.content) return;
    pen.font = `${label.fontSize ?? 12}px "Noto Sans CJK SC"`;
    const wide = pen.measureText(label.content).width + 2 * (label.padding ?? 0);
    const tall = (label.fontSize ?? 12) + 2 * (label.padding ?? 0) + 2;
    const [x, y] = this.project(one);
    const at = [x + (label.anchorX ?? 0), y + (label.anchorY ?? 0)];
    pen.fillStyle = label.bgColor ?? "#00000000";
    pen.fillRect(...at, wide, tall);
    pen.fillStyle = label.color ?? "#000000";
    pen.textBaseline = "top";
    pen.fillText(label.content, at[0] + (label.padding ?? 0), at[1] + (label.padding ?? 0) + 1);
  }

  icon(path) {
    if (!this.icons.has(path)) {
      const image = new Image();
      image.onload = () => this.draw();
      image.src = window.wx.hosted(path);
      this.icons.set(path, image);
    }
    return this.icons.get(path);
  }
}
