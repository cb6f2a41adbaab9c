// Our own icons: strokes on a grid of 24, drawn as masks so that they take the colour of text.

const PATHS: Record<string, string> = {
  search: "<circle cx='11' cy='11' r='6.5'/><path d='m16 16 4.5 4.5'/>",
  filter: "<path d='M4 7h16M7 12h10M10 17h4'/>",
  locate: "<circle cx='12' cy='12' r='6.5'/><circle cx='12' cy='12' r='1.5'/><path d='M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3'/>",
  layers: "<path d='m12 4 8.5 4.5L12 13 3.5 8.5z'/><path d='m4 12.500 8 4.500 8-4.500M4 16.500l8 4.500 8-4.500'/>",
  legend: "<rect x='4' y='5' width='4' height='4' rx='1'/><rect x='4' y='15' width='4' height='4' rx='1'/><path d='M12 7h8M12 17h8'/>",
  back: "<path d='m14.500 5-7 7 7 7'/>",
  next: "<path d='m9.500 5 7 7-7 7'/>",
  close: "<path d='m6 6 12 12M18 6 6 18'/>",
  heart: "<path d='M12 20S3.500 15 3.500 9.200A4.700 4.700 0 0 1 12 6.500a4.700 4.700 0 0 1 8.500 2.700C20.500 15 12 20 12 20z'/>",
  hearted: "<path fill='black' d='M12 20S3.500 15 3.500 9.200A4.700 4.700 0 0 1 12 6.500a4.700 4.700 0 0 1 8.500 2.700C20.500 15 12 20 12 20z'/>",
  share: "<circle cx='6' cy='12' r='2.500'/><circle cx='17.500' cy='5.500' r='2.500'/><circle cx='17.500' cy='18.500' r='2.500'/><path d='m8.300 10.800 7-4M8.300 13.200l7 4'/>",
  compare: "<rect x='4' y='5' width='6' height='14' rx='1.500'/><rect x='14' y='5' width='6' height='14' rx='1.500'/>",
  check: "<path d='m5 12.500 4.500 4.500L19 7.500'/>",
  minus: "<path d='M6 12h12'/>",
  pin: "<path d='M12 21s7-6.300 7-11.500a7 7 0 0 0-14 0C5 14.700 12 21 12 21z'/><circle cx='12' cy='9.500' r='2.500'/>",
  phone: "<path d='M5 4h4l1.500 5-2.300 1.600a12 12 0 0 0 5.200 5.200L15 13.500l5 1.500v4a1.500 1.500 0 0 1-1.600 1.500A16 16 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4z'/>",
  chat: "<path d='M4 5.500h16v11H11L6.500 20v-3.500H4z'/><path d='M8 9.500h8M8 12.500h5'/>",
  calendar: "<rect x='4' y='5.500' width='16' height='14.500' rx='2'/><path d='M4 10h16M8.500 3v4M15.500 3v4'/>",
  file: "<path d='M6 3.500h8l4.500 4.500v12.500H6z'/><path d='M13.500 3.500v5h5M9 13h6.500M9 16.500h6.500'/>",
  camera: "<path d='M4 7.500h4l1.500-2.500h5L16 7.500h4v12H4z'/><circle cx='12' cy='13' r='3.500'/>",
  cloud: "<path d='M7 18.500a4 4 0 0 1-.500-8 5.500 5.500 0 0 1 10.700-.800 4.400 4.400 0 0 1-.700 8.800z'/>",
  offline: "<path d='M7 18.500a4 4 0 0 1-.500-8 5.500 5.500 0 0 1 2-3.600M12 5.600a5.500 5.500 0 0 1 5.200 4.100 4.400 4.400 0 0 1 2.300 7.300M4 4l16 16'/>",
  retry: "<path d='M19.500 12a7.500 7.500 0 1 1-2.200-5.300'/><path d='M19.500 3.500v4.500H15'/>",
  user: "<circle cx='12' cy='8' r='4'/><path d='M4.500 20.500a7.500 7.500 0 0 1 15 0'/>",
  shield: "<path d='M12 3.500 5 6v6c0 4.500 3 7.500 7 8.500 4-1 7-4 7-8.500V6z'/><path d='m9 12 2.200 2.200L15.200 10'/>",
  bell: "<path d='M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4'/>",
  edit: "<path d='m5 19 .800-4L16 4.800l3.200 3.200L9 18.200z'/>",
  trash: "<path d='M5 7h14M9 7V4.500h6V7M7 7l.800 13h8.400L17 7'/>",
  star: "<path d='m12 4 2.400 5.200 5.600.700-4.100 3.900 1.100 5.600-5-2.800-5 2.800 1.100-5.600L4 9.900l5.600-.700z'/>",
  tasks: "<path d='m4 6.500 1.500 1.500L8 5.500M4 12.500 5.500 14 8 11.500M4 18.500 5.500 20 8 17.500M11.500 7H20M11.500 13H20M11.500 19H20'/>",
  clock: "<circle cx='12' cy='12' r='8'/><path d='M12 7.500V12l3 2'/>",
  text: "<path d='M3.500 18 8 7h1l4.500 11M5 14.500h7M15 18l2.700-7h.600L21 18M16 16h4'/>",
  info: "<circle cx='12' cy='12' r='8.500'/><path d='M12 11v5M12 7.800v.400'/>",
  panorama: "<path d='M3.500 6.500c5.500 2 11.500 2 17 0v11c-5.500-2-11.500-2-17 0z'/><path d='m6.500 15 3.500-4 3 3 2-2 2.500 3'/>",
  scan: "<path d='M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M8 8h3v3H8zM13 13h3v3h-3zM13 8h3v3h-3zM8 13h3v3H8z'/>",
  spark: "<path d='M12 4v4M12 16v4M4 12h4M16 12h4M6.500 6.500l2.500 2.500M15 15l2.500 2.500M17.500 6.500 15 9M9 15l-2.500 2.500'/>",
};

export type IconName = keyof typeof PATHS;

const made = new Map<string, string>();

/** The icon as a data URL of an SVG. */
export function iconUrl(name: string): string {
  let url = made.get(name);
  if (!url) {
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' stroke-width='1.8' stroke-linecap='round' stroke-linejoin='round'>${PATHS[name] ?? ""}</svg>`;
    url = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    made.set(name, url);
  }
  return url;
}
