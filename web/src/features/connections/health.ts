import { z } from 'zod/mini';

// What the provider said about the number when it was last asked, in the channel port's words. What is missing is not shown.
const healthSchema = z.object({
  verified_name: z.optional(z.string()),
  quality: z.optional(z.string()),
  limit: z.optional(z.string()),
  per_second: z.optional(z.number()),
  /** AVAILABLE, LIMITED or BLOCKED. */
  can_send: z.optional(z.string()),
});

/** What is known of a connection's health. */
export type Health = z.infer<typeof healthSchema>;

/** Reads a connection's health; nothing readable is nothing known. */
export function readHealth(value: unknown): Health {
  const parsed = healthSchema.safeParse(value);
  return parsed.success ? parsed.data : {};
}
