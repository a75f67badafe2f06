export { KeystrataError } from './core/errors.ts';
