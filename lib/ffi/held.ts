/**
 * What other threads read and write, which nobody here may throw away.
 *
 * @module
 */

type Call = (...args: unknown[]) => Promise<unknown>;

/** What each call on another thread that is not done yet was given. */
const held = new Set<readonly unknown[]>();

/**
 * The functions of a library, of which those on other threads hold what they
 * are given until they are done: Deno keeps only the addresses of buffers, and
 * V8 would collect one that nobody else refers to while the system writes to it.
 */
export function holding<Symbols extends object>(
  symbols: Symbols,
  declared: Deno.ForeignLibraryInterface,
): Symbols {
  const all = { ...symbols } as Record<string, unknown>;
  for (const [name, declaration] of Object.entries(declared)) {
    if ("nonblocking" in declaration) {
      all[name] = holdingArguments(all[name] as Call);
    }
  }
  return all as Symbols;
}

function holdingArguments(call: Call): Call {
  return (...args) => {
    const done = call(...args);
    held.add(args);
    const letGo = () => void held.delete(args);
    done.then(letGo, letGo);
    return done;
  };
}
