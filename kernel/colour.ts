/** The ink on a coloured ground, by the relative luminance of WCAG 2. */

/** Black or white, whichever is the more readable on a colour such as `#1f4e79`. */
export function inkOn(hex: string): '#000000' | '#ffffff' {
  const luminance = luminanceOf(hex);
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
}

function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
