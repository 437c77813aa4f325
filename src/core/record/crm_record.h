/*
 * A record: its fields in order, as spans over somebody's bytes.
 */

#ifndef CRM_RECORD_H
#define CRM_RECORD_H

#include "record/crm_value.h"


typedef struct {
    crm_str_t   name;           /* decoded */
    uint32_t    hash;           /* crm_str_hash(name) */
    crm_span_t  value;
} crm_field_t;

typedef struct {
    crm_span_t    object;       /* the whole record, braces included */
    crm_field_t  *fields;
    size_t        count;
} crm_record_t;


/*
 * Reads the next value of scan as a record. CRM_DECLINED when it is no object
 * (nothing consumed), else as crm_scan_value().
 */
crm_status_t crm_record_scan(crm_record_t *record, crm_scan_t *scan,
    crm_error_t *err);

/* Reads a text that is one object and nothing else; errors as above, and
 * CRM_EINVAL when it is no object. */
crm_status_t crm_record_parse(crm_record_t *record, crm_str_t text,
    const crm_scan_limits_t *limits, crm_pool_t *pool, crm_error_t *err);

/* The record as it stands; {} for one that stands nowhere: nobody looked. */
static inline crm_str_t
crm_record_raw(const crm_record_t *record)
{
    return record->object.data ? crm_span_raw(record->object) : CRM_STR("{}");
}

/* The field of that name, or NULL. */
const crm_field_t *crm_record_field(const crm_record_t *record,
    crm_str_t name);

#endif
