import { JpegBits } from "./jpeg_bits.ts";
import {
  type CodedChannel,
  type Huffman,
  JpegBlocks,
  ZIGZAG,
} from "./jpeg_blocks.ts";

/** A channel of a JPEG file before its transform. */
export interface JpegChannel {
  /** Samples across and down for each of the image's largest channel. */
  readonly across: number;
  readonly down: number;
  /** Blocks of 8 by 8 that are stored. */
  readonly columns: number;
  readonly rows: number;
  /** [64], in the order of rows. */
  readonly quantization: Uint16Array;
  /** [rows * columns * 64], each block in the order of rows. */
  readonly coefficients: Int16Array;
}

/** What a JPEG file holds once its entropy coding is undone. */
export interface JpegCoefficients {
  readonly width: number;
  readonly height: number;
  readonly channels: readonly JpegChannel[];
  /** Adobe's colour transform: 0 none, 2 YCCK; undefined without its segment. */
  readonly adobe?: number;
}

interface Channel extends JpegChannel, CodedChannel {
  readonly coefficients: Int16Array;
  readonly id: number;
  readonly table: number;
  /** Blocks that cover the image, without those that fill the last unit. */
  readonly ownColumns: number;
  readonly ownRows: number;
  scanned: boolean;
}

/**
 * Undoes the entropy coding of a JPEG file: baseline or progressive, Huffman.
 *
 * Use it for files that the codec does not turn into RGB, see `decodeCmykJpeg`.
 *
 * @param bytes The whole file, of 8 bits a channel.
 * @returns The coefficients of each channel.
 * @throws {SyntaxError} If the file is cut short, damaged, or coded otherwise.
 * @see ITU-T T.81, annexes B, F and G; libjpeg-turbo's `jdhuff.c`, `jdphuff.c`.
 */
export function readJpegCoefficients(bytes: Uint8Array): JpegCoefficients {
  const tables = {
    quantization: [] as Uint16Array[],
    dc: [] as Huffman[],
    ac: [] as Huffman[],
  };
  let frame:
    | {
      width: number;
      height: number;
      channels: Channel[];
      progressive: boolean;
    }
    | undefined;
  let adobe: number | undefined;
  let interval = 0;
  for (let at = 2, ended = false; !ended;) {
    if (at + 2 > bytes.length) throw cutShort(bytes);
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === 0xff) {
      at++; // Stray and fill bytes.
      continue;
    }
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9) {
      ended = true;
      continue;
    }
    const end = at + 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
    if (at + 4 > bytes.length || end > bytes.length) throw cutShort(bytes);
    const segment = bytes.subarray(at + 4, end);
    at = Math.max(end, at + 4);
    if (marker === 0xdb) readQuantization(segment, tables.quantization);
    else if (marker === 0xc4) readHuffman(segment, tables);
    else if (marker === 0xdd) interval = segment[0] << 8 | segment[1];
    else if (marker === 0xee && isAdobe(segment)) adobe = segment[11];
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) {
      if (marker > 0xc2) {
        throw new SyntaxError("its coding is not baseline or progressive");
      }
      if (frame) throw new SyntaxError("it has two frames");
      frame = readFrame(segment, marker === 0xc2);
    } else if (marker === 0xda) {
      if (!frame) throw new SyntaxError("it has a scan before its frame");
      const bits = new JpegBits(bytes, at);
      readScan(segment, frame, tables, interval, bits);
      at = bits.position;
    }
  }
  if (!frame?.channels.every(({ scanned }) => scanned)) {
    throw new SyntaxError("it holds no whole image");
  }
  return { ...frame, adobe };
}

function cutShort(bytes: Uint8Array): SyntaxError {
  return new SyntaxError(`it is cut short after ${bytes.length} bytes`);
}

function isAdobe(segment: Uint8Array): boolean {
  return segment.length >= 12 &&
    String.fromCharCode(...segment.subarray(0, 5)) === "Adobe";
}

function readQuantization(segment: Uint8Array, tables: Uint16Array[]): void {
  for (let at = 0; at < segment.length;) {
    const [wide, slot] = [segment[at] >> 4, segment[at] & 15];
    at++;
    const size = wide ? 128 : 64;
    if (wide > 1 || slot > 3 || at + size > segment.length) {
      throw new SyntaxError("its quantization tables are damaged");
    }
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k++) {
      table[ZIGZAG[k]] = wide
        ? segment[at + 2 * k] << 8 | segment[at + 2 * k + 1]
        : segment[at + k];
    }
    tables[slot] = table;
    at += size;
  }
}

function readHuffman(
  segment: Uint8Array,
  tables: { dc: Huffman[]; ac: Huffman[] },
): void {
  for (let at = 0; at < segment.length;) {
    const [kind, slot] = [segment[at] >> 4, segment[at] & 15];
    const counts = Uint8Array.of(0, ...segment.subarray(at + 1, at + 17));
    const size = counts.reduce((sum, count) => sum + count, 0);
    at += 17;
    if (kind > 1 || slot > 3 || at + size > segment.length || size > 256) {
      throw new SyntaxError("its Huffman tables are damaged");
    }
    const table = { counts, symbols: segment.slice(at, at + size) };
    (kind === 0 ? tables.dc : tables.ac)[slot] = table;
    at += size;
  }
}

function readFrame(segment: Uint8Array, progressive: boolean) {
  const damaged = () => new SyntaxError("its frame is damaged");
  const [, h1, h0, w1, w0, count] = segment;
  const [width, height] = [w1 << 8 | w0, h1 << 8 | h0];
  if (segment.length < 6 + 3 * count || !width || !height || count < 1) {
    throw damaged();
  }
  const listed = Array.from({ length: count }, (_, index) => {
    const [id, sampling, table] = segment.subarray(6 + 3 * index);
    return { id, table, across: sampling >> 4, down: sampling & 15 };
  });
  for (const { across, down, table } of listed) {
    if (across < 1 || across > 4 || down < 1 || down > 4 || table > 3) {
      throw damaged();
    }
  }
  const most = {
    across: Math.max(...listed.map(({ across }) => across)),
    down: Math.max(...listed.map(({ down }) => down)),
  };
  const isEven = listed.every(({ across, down }) =>
    most.across % across === 0 && most.down % down === 0
  );
  if (!isEven) throw new SyntaxError("its channels are of uneven sizes");
  const channels = listed.map((one): Channel => {
    const units = {
      across: Math.ceil(width / (8 * most.across)),
      down: Math.ceil(height / (8 * most.down)),
    };
    const columns = units.across * one.across;
    const rows = units.down * one.down;
    return {
      ...one,
      columns,
      rows,
      ownColumns: Math.ceil(width * one.across / most.across / 8),
      ownRows: Math.ceil(height * one.down / most.down / 8),
      quantization: new Uint16Array(64),
      coefficients: new Int16Array(columns * rows * 64),
      scanned: false,
      last: 0,
    };
  });
  return { width, height, channels, progressive };
}

function readScan(
  segment: Uint8Array,
  { channels, progressive }: { channels: Channel[]; progressive: boolean },
  tables: { quantization: Uint16Array[]; dc: Huffman[]; ac: Huffman[] },
  interval: number,
  bits: JpegBits,
): void {
  const damaged = () => new SyntaxError("the header of a scan is damaged");
  const count = segment[0];
  if (segment.length < 4 + 2 * count || count < 1) throw damaged();
  const own = Array.from({ length: count }, (_, index) => {
    const [id, slots] = segment.subarray(1 + 2 * index);
    const channel = channels.find((one) => one.id === id);
    if (!channel) throw damaged();
    if (!channel.scanned) {
      const table = tables.quantization[channel.table];
      if (!table) throw damaged();
      channel.quantization.set(table);
      channel.scanned = true;
    }
    channel.dc = tables.dc[slots >> 4];
    channel.ac = tables.ac[slots & 15];
    return channel;
  });
  const [first, final, approximation] = segment.subarray(1 + 2 * count);
  const [high, low] = [approximation >> 4, approximation & 15];
  const scan = progressive
    ? { first, final, high, low }
    : { first: 0, final: 63, high: 0, low: 0 };
  if (first > final || final > 63 || low > 13) throw damaged();
  if (progressive && first > 0 && count > 1) throw damaged();
  const needsDc = scan.first === 0 && scan.high === 0;
  const needsAc = scan.final > 0;
  if (own.some((one) => (needsDc && !one.dc) || (needsAc && !one.ac))) {
    throw damaged();
  }
  const reader = new JpegBlocks(bits, scan, progressive);
  const single = count === 1;
  const unitsAcross = single
    ? own[0].ownColumns
    : own[0].columns / own[0].across;
  const unitsDown = single ? own[0].ownRows : own[0].rows / own[0].down;
  for (let unit = 0; unit < unitsAcross * unitsDown; unit++) {
    if (unit % (interval || Infinity) === 0) {
      if (unit > 0) bits.restart();
      reader.restart(own);
    }
    const x = unit % unitsAcross;
    const y = Math.floor(unit / unitsAcross);
    for (const channel of own) {
      const [across, down] = single ? [1, 1] : [channel.across, channel.down];
      for (let block = 0; block < across * down; block++) {
        const column = x * across + block % across;
        const row = y * down + Math.floor(block / across);
        reader.read(channel, (row * channel.columns + column) * 64);
      }
    }
  }
}
