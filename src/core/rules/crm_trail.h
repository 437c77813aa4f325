/*
 * Where in a document, not written out yet: most of what is compiled is right,
 * and nobody asks where it stands.
 *
 * A trail is made on the stack of who goes a step down, and holds as long as
 * he is there. Its text is a path as findings have it.
 */

#ifndef CRM_TRAIL_H
#define CRM_TRAIL_H

#include "rules/crm_criteria.h"


struct crm_trail_s {
    const crm_trail_t  *up;         /* NULL: key is all of the path so far */
    const char         *key;        /* NULL: member number index of a list */
    size_t              index;
};


static inline crm_trail_t
crm_trail(const char *path)
{
    crm_trail_t  t = { NULL, path, 0 };

    return t;
}


static inline crm_trail_t
crm_trail_key(const crm_trail_t *up, const char *key)
{
    crm_trail_t  t = { up, key, 0 };

    return t;
}


static inline crm_trail_t
crm_trail_index(const crm_trail_t *up, size_t index)
{
    crm_trail_t  t = { up, NULL, index };

    return t;
}


/*
 * The path: "conditions[0].criteria". It holds while the document is compiled
 * (a finding has its own copy). Without memory "", and that sticks in findings.
 */
const char *crm_trail_path(crm_compile_t *cc, const crm_trail_t *trail);

/* The same of a step below trail. */
const char *crm_trail_path_key(crm_compile_t *cc, const crm_trail_t *trail,
    const char *key);

#endif
