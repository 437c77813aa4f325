/*
 * The names met in objects that are still open, a stack. Private to the
 * scanner and to crm_record.c, which finds the name it has just read on top.
 *
 * Names are compared when their object closes: those whose hashes collide one
 * by one, all of them after sorting once that becomes dear. A client chooses
 * names and their number, and collisions must not cost us the square.
 */

#ifndef CRM_SCAN_KEY_H
#define CRM_SCAN_KEY_H

#include "record/crm_scan.h"


struct crm_scan_key_s {
    const char  *data;          /* decoded */
    uint32_t     len;
    uint32_t     hash;          /* crm_str_hash() */
    uint32_t     at;            /* offset of its quote */
};


/* Pushes a name, decoded if need be. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_scan_key_push(crm_scan_t *scan, crm_span_t name);

/* The first of the keys that repeats an earlier one, or NULL. May leave them
 * in another order. */
const crm_scan_key_t *crm_scan_key_twice(crm_scan_key_t *keys, size_t count);

#endif
