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


/* Room for one more. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_scan_key_room(crm_scan_t *scan);

/* Pushes a name, decoded, whose quote stands at that offset: there is room for
 * it. */
static inline crm_scan_key_t *
crm_scan_key_add(crm_scan_t *scan, crm_str_t text, uint32_t at)
{
    crm_scan_key_t  *key;

    key = &scan->keys[scan->keys_count++];

    key->data = text.data;
    key->len = (uint32_t) text.len;
    key->hash = crm_str_hash(text);
    key->at = at;

    return key;
}


/* A name as the scanner has read it. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_scan_key_push(crm_scan_t *scan, const crm_span_t *name);

/* The first of the keys that repeats an earlier one, or NULL. May leave them
 * in another order. */
const crm_scan_key_t *crm_scan_key_twice(crm_scan_key_t *keys, size_t count);

#endif
