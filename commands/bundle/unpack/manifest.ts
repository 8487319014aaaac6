/** A file that holds a piece of a component. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
  /** Of its content, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What belongs together; its parts, one after another, are one file. */
export interface PackedComponent {
  readonly name: string;
  /** `none`: the file itself; `tar.zst`: files in a tar archive, by zstd. */
  readonly packing: "none" | "tar.zst";
  readonly files: number;
  /** Of the files, unpacked. */
  readonly bytes: number;
  readonly parts: readonly Part[];
}

/** What a bundle in parts says of itself, in `manifest.json`. */
export interface Manifest {
  readonly version: string;
  readonly commit: string;
  readonly components: readonly PackedComponent[];
}

export const MANIFEST = "manifest.json";
