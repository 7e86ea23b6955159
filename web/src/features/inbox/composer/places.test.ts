import { describe, expect, it } from 'vitest';
import { placeOf } from './places';

describe('a place in a text', () => {
  it.each([
    ['-23.5614, -46.6559'],
    ['-23.5614 -46.6559'],
    ['https://www.google.com/maps/@-23.5614,-46.6559,17z'],
    ['https://www.google.com/maps/place/Masp/data=!3d-23.5614!4d-46.6559'],
    ['https://maps.google.com/?q=-23.5614%2C-46.6559'],
    ['https://www.openstreetmap.org/?mlat=-23.5614&mlon=-46.6559#map=16/1/2'],
    ['https://www.openstreetmap.org/#map=16/-23.5614/-46.6559'],
  ])('is read from %s', (text) => {
    expect(placeOf(text)).toEqual({ latitude: -23.5614, longitude: -46.6559 });
  });

  it.each(['', 'Avenida Paulista, 1578', '-123, 10', '12'])('is not read from “%s”', (text) => {
    expect(placeOf(text)).toBeUndefined();
  });
});
