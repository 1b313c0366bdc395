/**
 * How fast scapy builds and dissects a packet, where it is installed.
 *
 * @module
 */

const PROGRAM = `
import sys, time
from scapy.layers.inet import IP, ICMP
from scapy.packet import Raw
from scapy.compat import raw

payload = b"Hello World!"

def build(i):
    ip = IP(src="1.1.1.100", dst="1.1.1.1", id=i)
    return raw(ip / ICMP(id=1, seq=i) / Raw(payload))

packet = build(1)
assert packet.hex() == sys.argv[1], packet.hex()

def rate(work, count=2000):
    start = time.perf_counter()
    for i in range(count):
        work(i)
    return count / (time.perf_counter() - start)

def dissect(i):
    # Only what is asked for is decoded: so, the innermost layer.
    return IP(packet)[ICMP].seq

for work in (build, dissect):
    print(max(rate(work) for _ in range(5)))
`;

/** Debian's Python has Debian's scapy; another one may come first. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** Packets a second. */
export interface ScapyRates {
  readonly build: number;
  readonly dissect: number;
}

/**
 * Measures scapy.
 *
 * @param packet what the second packet that it builds has to be
 * @returns its rates, or nothing where there is none
 */
export async function scapyRates(
  packet: Uint8Array,
): Promise<ScapyRates | undefined> {
  for (const python of PYTHONS) {
    try {
      const { success, stdout } = await new Deno.Command(python, {
        args: ["-c", PROGRAM, packet.toHex()],
        stderr: "null",
      }).output();
      if (!success) continue;
      const text = new TextDecoder().decode(stdout);
      const [build, dissect] = text.trim().split("\n").map(Number);
      return { build, dissect };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
