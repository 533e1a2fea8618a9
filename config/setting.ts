/** A setting: its schema with its environment variable and documentation, and the kinds that several have. */
import { z } from 'zod';

interface SettingMeta {
  env: string;
  /** Never printed. */
  secret?: boolean;
}

export const setting = <Schema extends z.ZodType>(
  schema: Schema,
  env: string,
  description: string,
  meta: Omit<SettingMeta, 'env'> = {},
) => schema.meta({ description, env, ...meta });

export const positive = z.int().min(1);
export const port = z.int().min(0).max(65_535);
/** Of a limit; 0 for none. */
export const count = z.int().min(0).max(10_000);
export const duration = z.int().min(0).max(86_400_000);
