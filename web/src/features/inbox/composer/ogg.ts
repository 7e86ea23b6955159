import type { OpusTrack } from './webm';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n << 24;
  for (let i = 0; i < 8; i += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function checksum(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) crc = ((crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}

// The samples of a packet at 48 kHz, by the configuration in its first byte (RFC 6716, 3.1).
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];

/** How many samples an Opus packet plays, at 48 kHz. */
export function samplesOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const ms = config < 12 ? SILK_MS[config % 4] : config < 16 ? HYBRID_MS[config % 2] : CELT_MS[config % 4];
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  return (ms ?? 20) * 48 * frames;
}

/** The sizes of a packet's segments: 255 as long as it goes on, and less at its end. */
function lacing(length: number): number[] {
  return [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255];
}

interface PageOptions {
  serial: number;
  number: number;
  /** 2 begins the stream, 4 ends it. */
  flags: number;
  granule: number;
}

function page(packets: readonly Uint8Array[], { serial, number, flags, granule }: PageOptions): Uint8Array {
  const segments = packets.flatMap((packet) => lacing(packet.length));
  const size = packets.reduce((sum, packet) => sum + packet.length, 0);
  const bytes = new Uint8Array(27 + segments.length + size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigInt64(6, BigInt(Math.round(granule)), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, number, true);
  bytes[26] = segments.length;
  bytes.set(segments, 27);
  let at = 27 + segments.length;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, checksum(bytes), true);
  return bytes;
}

/** The comment header: who wrote it, and no comments. */
function tags(): Uint8Array {
  const vendor = new TextEncoder().encode('perene');
  const bytes = new Uint8Array(8 + 4 + vendor.length + 4);
  bytes.set(new TextEncoder().encode('OpusTags'));
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

/** A page holds at most this many packets: about a second, and far below its 255 segments for speech. */
const PACKETS = 50;
const SEGMENTS = 255;

/** Writes an Opus track as Ogg (RFC 7845), which is what the channels take as a voice note. */
export function writeOgg({ head, packets }: OpusTrack, serial = Math.floor(Math.random() * 0xffffffff)): Blob {
  const pages = [page([head], { serial, number: 0, flags: 2, granule: 0 }), page([tags()], { serial, number: 1, flags: 0, granule: 0 })];
  let granule = 0;
  let group: Uint8Array[] = [];
  let segments = 0;
  const flush = (last: boolean) => {
    pages.push(page(group, { serial, number: pages.length, flags: last ? 4 : 0, granule }));
    group = [];
    segments = 0;
  };
  for (const packet of packets) {
    const needed = lacing(packet.length).length;
    if (group.length > 0 && (group.length >= PACKETS || segments + needed > SEGMENTS)) flush(false);
    group.push(packet);
    segments += needed;
    granule += samplesOf(packet);
  }
  flush(true);
  return new Blob(pages as BlobPart[], { type: 'audio/ogg' });
}

/** How long a track plays, in milliseconds. */
export function durationOf({ packets }: OpusTrack): number {
  return packets.reduce((sum, packet) => sum + samplesOf(packet), 0) / 48;
}
