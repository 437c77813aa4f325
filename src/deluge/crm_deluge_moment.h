/*
 * Dates and times as scripts write and read them.
 *
 * Formats are the vendor's: y year, M month, d day, H hour (0 to 23), h hour
 * (1 to 12), m minute, s second, a AM or PM, E weekday, z Z zone; text in
 * single quotes, and what is no letter, stands for itself.
 */

#ifndef CRM_DELUGE_MOMENT_H
#define CRM_DELUGE_MOMENT_H

#include "base/crm_zone.h"
#include "crm_deluge_value.h"


#define CRM_DELUGE_MOMENT_LEN  48

/* 2026-03-27, 2026-03-27 16:30:00 by clocks offset_s ahead of UTC, 16:30:00 */
crm_str_t crm_deluge_moment_text(char text[CRM_DELUGE_MOMENT_LEN],
    const crm_deluge_value_t *v, int offset_s);

/* v in a format. CRM_EINVAL: a letter that stands for nothing. */
crm_status_t crm_deluge_moment_format(crm_buf_t *buf,
    const crm_deluge_value_t *v, crm_str_t format, int offset_s);

/*
 * Reads a date, date-time or time in one of the usual forms: 2026-03-27,
 * 27-Mar-2026, 03/27/2026, 27 March 2026, each with a time behind it
 * (16:30[:00][ PM], T16:30:00[Z|+01:00]), or a time alone. What names no zone
 * is by the clocks of zone. CRM_DECLINED: it is none.
 */
crm_status_t crm_deluge_moment_read(crm_deluge_value_t *v, crm_str_t text,
    const crm_zone_t *zone);

/* The same in a given format. */
crm_status_t crm_deluge_moment_parse(crm_deluge_value_t *v, crm_str_t text,
    crm_str_t format, const crm_zone_t *zone);

#endif
