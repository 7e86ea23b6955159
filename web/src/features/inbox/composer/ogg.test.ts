import { describe, expect, it } from 'vitest';
import { durationOf, samplesOf, writeOgg } from './ogg';
import { readWebm } from './webm';

/** Under a second of the hum of Chromium's fake microphone, as its MediaRecorder wrote it. */
const RECORDED =
  'GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwH/////////FUmpZpkq17GDD0JATYCGQ2hyb21lV0GGQ2hyb21lFlSua7+uvdeBAXPFh0WxtbNSQPiDgQKGhkFfT1BVU2Oik09wdXNIZWFkAQEAAIC7AAAAAADhjbWERzuAAJ+BAWJkgSAfQ7Z1Af/////////ngQCjk4EAAIAYAvkuaC8hSsxLxHDgM6ijkoEAPIAYAfGsw4zYC9cFtr0Q0qOSgQB4gBgB8azDjNgL1wW2vRDSo5KBALSAGAHxrMOM2AvXBba9ENIfQ7Z1Af/////////ngfCjkoEAAIAYAfGsw4zYC9cFtr0Q0qOSgQA8gBgB8azDjNgL1wW2vRDSo5KBAHiAGAHxrMOM2AvXBba9ENKjkoEAtIAYAfGsw4zYC9cFtr0Q0h9DtnUB/////////+eCAeCjzYEAAIAY4ACiQvbMDtGA38I9JfaXtLQmlkW8V6a0EJ4BDDIzaE/sEN8gU9Z73OPlBc6p9yM3R0ZqhSAW5vE1zplrL9idZd+yr/C3Wd6Ao8GBADyAGO0rwAXtadlBS0haH5S32dz9jNg1N1VbTOvqz6pHOmxBDcApqsBJJbI5wJp8VkfFSQuplUbD001un8uxuKO6gQB4gBjAE8UVuBuwZ239WQTAcvXpIrryMNh5/mis/4pEiysRa1Ag7kh05IMojpl3PkDHPe7dbrlVwKOpgQC0gBgDs8zQY1LwWMcEndj+qDFBU/4fuNIPU0Lm9A9DC0elFTZpCcAfQ7Z1Af/////////nggLQo5+BAACAGAKcfRLUZrtQ+s3EfJVe3GxBE+re+eNjGYYoo5uBADyAGAKN23ly+VS/vORJg+K4zw0Yr/kILjijm4EAeIAYAlwFq7y4SDpklRBbMNOxvQLd49+Jnw==';

const recorded = () => Uint8Array.from(atob(RECORDED), (letter) => letter.charCodeAt(0));

/** The pages of an Ogg file, read as the format says. */
async function pagesOf(blob: Blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const pages = [];
  for (let at = 0; at < bytes.length; ) {
    expect(new TextDecoder().decode(bytes.slice(at, at + 4))).toBe('OggS');
    const count = bytes[at + 26]!;
    const lacing = [...bytes.slice(at + 27, at + 27 + count)];
    const size = lacing.reduce((sum, each) => sum + each, 0);
    const start = at + 27 + count;
    const packets: Uint8Array[] = [];
    let from = start;
    let length = 0;
    for (const each of lacing) {
      length += each;
      if (each === 255) continue;
      packets.push(bytes.slice(from, from + length));
      from += length;
      length = 0;
    }
    // The checksum is of the page with zeros in its place.
    const page = bytes.slice(at, start + size);
    const crc = view.getUint32(at + 22, true);
    page.fill(0, 22, 26);
    let sum = 0;
    for (const byte of page) {
      sum ^= byte << 24;
      for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
    }
    pages.push({ flags: bytes[at + 5]!, granule: Number(view.getBigInt64(at + 6, true)), number: view.getUint32(at + 18, true), packets, sound: sum >>> 0 === crc });
    at = start + size;
  }
  return pages;
}

describe('a recording', () => {
  it('is read out of WebM', () => {
    const track = readWebm(recorded());
    expect(new TextDecoder().decode(track.head.slice(0, 8))).toBe('OpusHead');
    expect(track.packets.length).toBeGreaterThan(10);
    expect(durationOf(track)).toBeGreaterThan(500);
    expect(durationOf(track)).toBeLessThan(1200);
  });

  it('becomes Ogg: two headers, then every packet as it was, and a right checksum on each page', async () => {
    const track = readWebm(recorded());
    const pages = await pagesOf(writeOgg(track, 7));
    expect(pages.every((page) => page.sound)).toBe(true);
    expect(pages.map((page) => page.number)).toEqual(pages.map((_, index) => index));
    expect(pages[0]).toMatchObject({ flags: 2, granule: 0, packets: [track.head] });
    expect(new TextDecoder().decode(pages[1]!.packets[0]!.slice(0, 8))).toBe('OpusTags');
    expect(pages.slice(2).flatMap((page) => page.packets)).toEqual(track.packets);
    expect(pages.at(-1)).toMatchObject({ flags: 4, granule: durationOf(track) * 48 });
  });

  it('begins a new page before one is full, also with large packets', async () => {
    const packets = Array.from({ length: 200 }, (_, index) => new Uint8Array(700).fill(index).fill(0x08, 0, 1));
    const pages = await pagesOf(writeOgg({ head: new Uint8Array(19), packets }, 1));
    expect(pages.slice(2).flatMap((page) => page.packets)).toEqual(packets);
    // A packet whose length is a multiple of 255 ends with an empty segment.
    const even = await pagesOf(writeOgg({ head: new Uint8Array(19), packets: [new Uint8Array(510).fill(8)] }, 1));
    expect(even.at(-1)?.packets).toHaveLength(1);
  });

  it('knows how long each kind of packet plays (RFC 6716)', () => {
    const packet = (config: number, code: number, count = 0) => Uint8Array.from([(config << 3) | code, count]);
    expect(samplesOf(packet(1, 0))).toBe(960);
    expect(samplesOf(packet(3, 0))).toBe(2880);
    expect(samplesOf(packet(12, 1))).toBe(960);
    expect(samplesOf(packet(16, 0))).toBe(120);
    expect(samplesOf(packet(19, 3, 3))).toBe(2880);
  });

  it('is refused when it is something else', () => {
    expect(() => readWebm(new Uint8Array([0, 1, 2, 3]))).toThrow();
    expect(() => readWebm(new TextEncoder().encode('OggS and more'))).toThrow();
  });
});
