/**
 * The page's content security policy allows no code from text. zod would try whether it may, and the browser would report it; told
 * so beforehand, it does not. Import this before anything that has schemas.
 */
import { config } from 'zod';

config({ jitless: true });
