/**
 * What only a browser has: frames to tell changes by, and files that it saves.
 *
 * @module
 */

/** Tells views, at once or with the next frame. */
export class Listeners {
  readonly #listeners = new Set<() => void>();
  #isTold = false;

  /** Has a view told of changes; returns how to end it. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of what a person did: the next key may come before the next frame. */
  tellNow(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Of what comes from elsewhere once a frame is enough. */
  tellSoon(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    // In a tab that is not seen no frame would come.
    const later = document.hidden
      ? (tell: () => void) => setTimeout(tell, 100)
      : requestAnimationFrame;
    later(() => {
      this.#isTold = false;
      this.tellNow();
    });
  }
}

/** A file to be saved. */
export interface SavedFile {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array<ArrayBuffer>>;
}

/** Has the browser save a file, as it saves those that are downloaded. */
export function download({ name, pieces }: SavedFile): void {
  const url = URL.createObjectURL(new Blob([...pieces]));
  const link = Object.assign(document.createElement("a"), {
    href: url,
    download: name,
  });
  link.click();
  // Later, for the browser has yet to begin.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
