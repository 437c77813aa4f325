/*
 * Ids as a backend reads them: which texts name a record, and which of them
 * name the same one. The canonical form is judged, locked and remembered.
 */

#ifndef CRM_IDFORM_H
#define CRM_IDFORM_H

#include "base/crm_pool.h"


typedef enum {
    CRM_IDFORM_STRING = 0,      /* as it is written; a number in one way */
    CRM_IDFORM_INT,             /* digits; zeros in front do not count */
    CRM_IDFORM_LOWER,           /* letters in either case */
    CRM_IDFORM_SF18,            /* 15 characters, or 18: three are a check */
    CRM_IDFORM_REGEX            /* what the pattern matches, as it is written */
} crm_idform_kind_t;

/* One step of a pattern: bytes of a class, so many times. */
typedef struct {
    uint8_t   bytes[32];        /* a bit for each byte */
    unsigned  min;
    unsigned  max;
} crm_idform_atom_t;

typedef struct {
    crm_idform_kind_t         kind;
    crm_str_t                 pattern;      /* of REGEX, as written */
    const crm_idform_atom_t  *atoms;
    unsigned                  atoms_count;
} crm_idform_t;


/*
 * text: string, int, lower, sf18 or regex:PATTERN, where PATTERN is a row of
 * letters and [a-z0-9] classes, each with ?, *, +, {n} or {n,m} behind it.
 * CRM_EINVAL with *err, CRM_ENOMEM.
 */
crm_status_t crm_idform_parse(crm_idform_t *form, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);

/*
 * The canonical form of text. CRM_EINVAL: it names no record; CRM_ENOMEM.
 * Borrows from text where they are the same.
 */
crm_status_t crm_idform_apply(const crm_idform_t *form, crm_str_t *id,
    crm_str_t text, crm_pool_t *pool);

/* Whether text is an id in some form, whatever its dialect: it may stand in
 * keys and targets as it is. */
int crm_idform_is_any(crm_str_t text);

#endif
