import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ICMPRequest, type ICMPRequestOptions } from "../../../mod.ts";

const OPTIONS: ICMPRequestOptions = { id: 1, sequence: 2 };

Deno.test("ICMPRequest has icmplib's defaults", () => {
  const request = new ICMPRequest("192.0.2.1", OPTIONS);
  const { destination, id, sequence, payloadSize, ttl, trafficClass, time } =
    request;
  assertEquals(
    { destination, id, sequence, payloadSize, ttl, trafficClass, time },
    {
      destination: "192.0.2.1",
      id: 1,
      sequence: 2,
      payloadSize: 56,
      ttl: 64,
      trafficClass: 0,
      time: 0,
    },
  );
  assertEquals(request.payload.length, 56);
});

Deno.test("ICMPRequest fills its payload at random", () => {
  const [a, b] = [1, 2].map(() => new ICMPRequest("192.0.2.1", OPTIONS));
  assertNotEquals(a.payload, b.payload);
});

Deno.test("ICMPRequest takes a payload as it is", () => {
  const payload = Uint8Array.of(1, 2, 3);
  const given = { ...OPTIONS, payload, payloadSize: 99 };
  const request = new ICMPRequest("2001:db8::1", given);
  assertEquals([request.payload, request.payloadSize], [payload, 3]);
});

Deno.test("ICMPRequest takes addresses, and nothing else", () => {
  for (
    const good of ["0.0.0.0", "1.1.1.1", "::", "fe80::1%eth0", "fe80::1%2"]
  ) {
    assertEquals(new ICMPRequest(good, OPTIONS).destination, good);
  }
  for (
    const bad of ["", "localhost", "1.1.1", "1.1.1.256", "1.1.1.1 ", ":::"]
  ) {
    assertThrows(
      () => new ICMPRequest(bad, OPTIONS),
      RangeError,
      `destination is no IP address: ${JSON.stringify(bad)}`,
    );
  }
});

Deno.test("ICMPRequest takes what is in range, and nothing beyond", () => {
  const ranges: [keyof ICMPRequestOptions, min: number, max: number][] = [
    ["id", 0, 65_535],
    ["sequence", 0, 65_535],
    ["payloadSize", 0, 65_507],
    ["ttl", 1, 255],
    ["trafficClass", 0, 255],
  ];
  for (const [name, min, max] of ranges) {
    for (const value of [min, max]) {
      const options = { ...OPTIONS, [name]: value };
      assertEquals(new ICMPRequest("192.0.2.1", options)[name], value);
    }
    for (const value of [min - 1, max + 1, min + 0.5, NaN, Infinity]) {
      const options = { ...OPTIONS, [name]: value };
      const error = assertThrows(
        () => new ICMPRequest("192.0.2.1", options),
        RangeError,
        `${value}`,
      );
      assertEquals(error.message.includes(name), true, error.message);
    }
  }
  assertThrows(
    () =>
      new ICMPRequest("192.0.2.1", {
        ...OPTIONS,
        payload: new Uint8Array(65_508),
      }),
    RangeError,
    "65508",
  );
});
