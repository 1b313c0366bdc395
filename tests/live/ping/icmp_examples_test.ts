import { assertEquals } from "@std/assert";
import {
  DestinationUnreachable,
  ICMPError,
  ICMPRequest,
  ICMPv4Socket,
  ICMPv6Socket,
  isIPv6,
  Raw4Error,
  TimeExceeded,
  TimeoutExceeded,
} from "../../../mod.ts";
import { pairUp, routedUp, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";

const PID = Deno.pid & 0xffff;

/** icmplib's "Sockets in action", which prints into `screen`. */
function onePing(
  screen: string[],
  namespace: string,
  address: string,
  { timeoutMs = 2000, id = PID, ttl = 64 } = {},
): void {
  using socket = new ICMPv4Socket({ namespace });
  const request = new ICMPRequest(address, { id, sequence: 1, ttl });
  try {
    socket.send(request);
    const reply = socket.receive(request, { timeoutMs });
    reply.raiseForStatus();
    screen.push(`${reply.source} has answered`);
  } catch (error) {
    if (error instanceof TimeoutExceeded) screen.push(`T ${error.message}`);
    else if (error instanceof DestinationUnreachable) {
      screen.push(`D ${error.message}`);
    } else if (error instanceof TimeExceeded) screen.push(`X ${error.message}`);
    else if (error instanceof Raw4Error) screen.push(`R ${error.message}`);
    else throw error;
  }
}

/** icmplib's "Verbose ping". */
async function verbosePing(
  screen: string[],
  namespace: string,
  address: string,
  { count = 4, intervalMs = 10, timeoutMs = 2000, id = PID } = {},
): Promise<void> {
  screen.push(`PING ${address}: 56 data bytes`, "");
  using socket = isIPv6(address)
    ? new ICMPv6Socket({ namespace })
    : new ICMPv4Socket({ namespace });
  for (let sequence = 0; sequence < count; sequence++) {
    const request = new ICMPRequest(address, { id, sequence });
    try {
      socket.send(request);
      const reply = socket.receive(request, { timeoutMs });
      const line = `  ${reply.bytesReceived} bytes from ${reply.source}: `;
      reply.raiseForStatus();
      const roundTripMs = (reply.time - request.time) * 1000;
      screen.push(
        `${line}icmp_seq=${sequence} time=${roundTripMs.toFixed(3)} ms`,
      );
      if (sequence < count - 1) {
        await new Promise((resolve) => setTimeout(resolve, intervalMs));
      }
    } catch (error) {
      if (error instanceof TimeoutExceeded) {
        screen.push(`  Request timeout for icmp_seq ${sequence}`);
      } else if (error instanceof ICMPError) screen.push(error.message);
      else if (error instanceof Raw4Error) {
        screen.push("  An error has occurred.");
      } else throw error;
    }
  }
  screen.push("", "Completed.");
}

await liveTest(
  "the example 'Sockets in action'",
  ["lab", "nsenter"],
  async () => {
    await using lab = await routedUp();
    const namespace = lab.namespace("client");
    const screen: string[] = [];
    onePing(screen, namespace, "1.1.1.1");
    onePing(screen, namespace, "1.1.2.2", { ttl: 1 });
    onePing(screen, namespace, "1.1.3.1");
    // Or a busy machine might first give up asking who has that address.
    await setKernel(lab, "client", {
      "net.ipv4.neigh.eth0.retrans_time_ms": 60_000,
    });
    onePing(screen, namespace, "1.1.1.200", { timeoutMs: 10 });
    onePing(screen, namespace, "1.1.1.255");
    assertEquals(screen, [
      "1.1.1.1 has answered",
      "X 1.1.1.1 answers: time exceeded: TTL exceeded in transit",
      "D 1.1.1.1 answers: destination unreachable: host unreachable",
      "T nothing arrived within 10 ms",
      "R cannot send 64 octets to 1.1.1.255: Permission denied (sendto: EACCES)",
    ]);
  },
);

await liveTest("the example 'Verbose ping'", ["lab"], async () => {
  await using lab = await pairUp();
  for (const address of ["1.1.1.1", "2001:db8::1"]) {
    const screen: string[] = [];
    await verbosePing(screen, lab.namespace("sender"), address);
    const shown = screen.join("\n").replace(/time=\d+\.\d{3}/g, "time=12.061");
    // The seed's own screen, but for the times and, over IPv6, the address.
    assertEquals(
      shown,
      `PING 1.1.1.1: 56 data bytes

  64 bytes from 1.1.1.1: icmp_seq=0 time=12.061 ms
  64 bytes from 1.1.1.1: icmp_seq=1 time=12.061 ms
  64 bytes from 1.1.1.1: icmp_seq=2 time=12.061 ms
  64 bytes from 1.1.1.1: icmp_seq=3 time=12.061 ms

Completed.`.replaceAll("1.1.1.1", address),
    );
  }
});
