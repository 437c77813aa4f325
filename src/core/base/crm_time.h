/*
 * Instants as people and Redis write them. Now is an argument, never asked
 * for: milliseconds since 1970 in UTC.
 */

#ifndef CRM_TIME_H
#define CRM_TIME_H

#include "base/crm_status.h"
#include "base/crm_str.h"


/* "2026-11-22T00:08:11.042Z" and a zero byte. */
#define CRM_TIME_ISO_LEN  24

/*
 * Writes ms as RFC 3339 text in UTC. Years outside 0 to 9999 are brought to
 * the nearest of them. Returns text's string.
 */
crm_str_t crm_time_iso(char text[CRM_TIME_ISO_LEN + 1], long long ms);

/*
 * Reads an instant: date and time of day with seconds, any fraction of them,
 * and Z or an offset, as "2026-11-22T01:08:11+01:00". CRM_DECLINED for every
 * other text. Fractions are cut to milliseconds.
 */
crm_status_t crm_time_parse(long long *ms, crm_str_t text);

#endif
