import { nextOccurrences } from '@cloudiful-scheduler/core';
import { workingDays } from './my-schedule.js';

const schedule = workingDays(9, ['2026-01-01']);
const after = new Date('2025-12-31T12:00:00Z');
for (const date of nextOccurrences(schedule, { count: 3, after }))
  console.log(date.toISOString());
