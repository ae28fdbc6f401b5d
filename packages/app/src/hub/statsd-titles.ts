/** As `Enabled Outputs` has them. */

export const statsdTitles = { statsd: 'StatsD', dogstatsd: 'DogStatsD' } as const;
