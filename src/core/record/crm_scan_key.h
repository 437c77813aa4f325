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


/* What a key needs before it is pushed: room, and its text, decoded. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_scan_key_room(crm_scan_t *scan);
crm_status_t crm_scan_key_text(const crm_scan_t *scan, crm_span_t name,
    crm_str_t *text);


static inline crm_status_t crm_scan_key_push(crm_scan_t *scan,
    const crm_span_t *name) __attribute__((always_inline));


/* Pushes a name. CRM_OK or CRM_ENOMEM. */
static inline crm_status_t
crm_scan_key_push(crm_scan_t *scan, const crm_span_t *name)
{
    crm_str_t        text;
    crm_scan_key_t  *key;

    text = crm_str(name->data + 1, name->len - 2);

    if ((name->escaped && crm_scan_key_text(scan, *name, &text) != CRM_OK)
        || (scan->keys_count == scan->keys_cap
            && crm_scan_key_room(scan) != CRM_OK))
    {
        return CRM_ENOMEM;
    }

    key = &scan->keys[scan->keys_count++];

    key->data = text.data;
    key->len = (uint32_t) text.len;
    key->hash = crm_str_hash(text);
    key->at = (uint32_t) (name->data - scan->start);

    return CRM_OK;
}


/* The first of the keys that repeats an earlier one, or NULL. May leave them
 * in another order. */
const crm_scan_key_t *crm_scan_key_twice(crm_scan_key_t *keys, size_t count);

#endif
