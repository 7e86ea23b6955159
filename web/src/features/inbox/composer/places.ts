/** A point on the map. */
export interface Place {
  latitude: number;
  longitude: number;
}

const DEGREES = String.raw`(-?\d{1,3}(?:\.\d+)?)`;
// What maps put into their addresses: @lat,long · q=lat,long · !3dlat!4dlong · mlat=…&mlon=… · lat/long after the zoom.
const FORMS = [
  new RegExp(String.raw`!3d${DEGREES}!4d${DEGREES}`),
  new RegExp(String.raw`@${DEGREES},${DEGREES}`),
  new RegExp(String.raw`[?&](?:q|ll|query|center|destination)=${DEGREES}(?:,|%2C)${DEGREES}`, 'i'),
  new RegExp(String.raw`mlat=${DEGREES}&mlon=${DEGREES}`),
  new RegExp(String.raw`#map=\d+/${DEGREES}/${DEGREES}`),
  new RegExp(String.raw`^${DEGREES}\s*[,; ]\s*${DEGREES}$`),
];

/** The point that a text names: two numbers, or the address of a map that has them. Undefined when there is none. */
export function placeOf(text: string): Place | undefined {
  for (const form of FORMS) {
    const match = form.exec(text.trim());
    if (!match) continue;
    const [latitude, longitude] = [Number(match[1]), Number(match[2])];
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude };
  }
  return undefined;
}
