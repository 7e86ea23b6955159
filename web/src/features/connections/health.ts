import { z } from 'zod/mini';

// Meta's words. The lists are Meta's and grow: any other word is shown as it came.
const QUALITIES = ['GREEN', 'YELLOW', 'RED', 'UNKNOWN'] as const;
const LIMITS = ['TIER_50', 'TIER_250', 'TIER_1K', 'TIER_2K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED'] as const;

/** A number's quality. */
export type Quality = (typeof QUALITIES)[number];
/** How many people a day a number may write to. */
export type SendLimit = (typeof LIMITS)[number];

/** A quality with words of its own. */
export function qualityOf(word: string | undefined): Quality | undefined {
  return QUALITIES.find((each) => each === word);
}

/** A limit with words of its own. */
export function limitOf(word: string | undefined): SendLimit | undefined {
  return LIMITS.find((each) => each === word);
}

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
