// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { standardScheme } from './standard-like.ts';

export default standardScheme({ id: 'standard', title: 'Standard Webhooks', prefix: 'webhook' });
