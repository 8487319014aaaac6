/** Characters that each stand for a byte, as Python 2 holds text. */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/**
 * The bytes of characters that each stand for one.
 *
 * @throws {TypeError} If a character stands for more.
 */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code > 255) throw new TypeError(`'${character}' is not in Latin-1`);
    return code;
  });
}
