/** Opus packets out of a recording, with what a player must know of them. */
export interface OpusTrack {
  /** The identification header (RFC 7845). */
  head: Uint8Array;
  packets: Uint8Array[];
}

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const CODEC_PRIVATE = 0x63a2;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const INSIDE = new Set([SEGMENT, CLUSTER, TRACKS, TRACK, BLOCK_GROUP]);

/** A number of EBML at a place: its value and how many bytes it has. `keep` leaves the marker in, as ids have it. */
function numberAt(data: Uint8Array, at: number, keep: boolean): { value: number; length: number; unknown: boolean } {
  const first = data[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length < 1 || length > 8 || at + length > data.length) throw new Error('not a WebM file');
  let value = keep ? first : first & (0xff >> length);
  let ones = (first & (0xff >> length)) === 0xff >> length;
  for (let i = 1; i < length; i += 1) {
    const byte = data[at + i] ?? 0;
    value = value * 256 + byte;
    ones &&= byte === 0xff;
  }
  return { value, length, unknown: ones && !keep };
}

/**
 * Reads the Opus packets of a WebM file as a browser's MediaRecorder writes it: one track, no lacing, clusters of unknown
 * size. Throws where it is something else.
 */
export function readWebm(data: Uint8Array): OpusTrack {
  let head: Uint8Array | undefined;
  const packets: Uint8Array[] = [];
  const walk = (from: number, to: number) => {
    let at = from;
    while (at < to) {
      const id = numberAt(data, at, true);
      const size = numberAt(data, at + id.length, false);
      const start = at + id.length + size.length;
      // A part without a size goes on to the end of the file; its parts are told from others by their ids.
      const end = size.unknown ? to : Math.min(start + size.value, to);
      if (INSIDE.has(id.value)) {
        if (size.unknown) {
          at = start;
          continue;
        }
        walk(start, end);
      } else if (id.value === CODEC_PRIVATE) head = data.slice(start, end);
      else if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
        const track = numberAt(data, start, false);
        const flags = data[start + track.length + 2] ?? 0;
        if ((flags & 0x06) !== 0) throw new Error('laced blocks are not read');
        packets.push(data.slice(start + track.length + 3, end));
      }
      at = end;
    }
  };
  walk(0, data.length);
  if (!head || packets.length === 0) throw new Error('the recording has no Opus track');
  return { head, packets };
}
