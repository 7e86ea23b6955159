import { z } from 'zod/mini';

// What Meta said about the number when it was last asked. Other providers say other things; what is missing is not shown.
const healthSchema = z.object({
  verified_name: z.optional(z.string()),
  display_phone_number: z.optional(z.string()),
  quality_rating: z.optional(z.string()),
  messaging_limit_tier: z.optional(z.string()),
  whatsapp_business_manager_messaging_limit: z.optional(z.string()),
  throughput: z.optional(z.union([z.string(), z.object({ level: z.optional(z.string()) })])),
});

/** A connection's health in the console's words. */
export interface Health {
  verifiedName?: string | undefined;
  quality?: string | undefined;
  limit?: string | undefined;
}

/** Reads what is known of a connection's health. */
export function readHealth(value: unknown): Health {
  const parsed = healthSchema.safeParse(value);
  if (!parsed.success) return {};
  const health = parsed.data;
  return {
    verifiedName: health.verified_name,
    quality: health.quality_rating?.toUpperCase(),
    limit: (health.messaging_limit_tier ?? health.whatsapp_business_manager_messaging_limit)?.toUpperCase(),
  };
}
