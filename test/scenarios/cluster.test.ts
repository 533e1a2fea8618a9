import { playOn } from './play.ts';

playOn('cluster');
