/**
 * What a caller gives to make one kind of a message: what tells it from the
 * other kinds, and the fields that have no default. All else may be left out.
 */
export type Given<
  Message extends { readonly kind: string },
  Needed extends keyof Message = never,
> =
  & Pick<Message, "kind" | Needed>
  & Partial<Omit<Message, "kind" | Needed>>;
