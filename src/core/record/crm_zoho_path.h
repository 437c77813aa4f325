/*
 * zoho: targets. Private to the mechanism.
 */

#ifndef CRM_ZOHO_PATH_H
#define CRM_ZOHO_PATH_H

#include "record/crm_zoho.h"


/* version, module, id, related list, its id */
#define CRM_ZOHO_MAX_SEGMENTS  5

typedef struct {
    crm_str_t  segments[CRM_ZOHO_MAX_SEGMENTS];
    unsigned   known[CRM_ZOHO_MAX_SEGMENTS];    /* a bit for each kind of
                                           place that it was looked at as */
    unsigned   fits[CRM_ZOHO_MAX_SEGMENTS];     /* and for each that it is */
    size_t     count;           /* of all segments, kept or not */
} crm_zoho_path_t;

/* NULL, or what is wrong with the target. Segments borrow from it. */
const char *crm_zoho_path_split(crm_zoho_path_t *path, crm_str_t target);

/* v2, v2.1, v8 ... */
int crm_zoho_path_is_version(crm_str_t s);

/* Whether s may stand in a path as it is, one segment or a part of it. */
int crm_zoho_path_is_plain(crm_str_t s);

/* What the name of a module or a related list may look like. */
int crm_zoho_path_is_name(crm_str_t s);

/* s is one of names, in whatever case. */
int crm_zoho_path_is_one_of(crm_str_t s, const char *const *names);

/* Cuts the first parameter off *query: its name, and *value. */
crm_str_t crm_zoho_path_parameter(crm_str_t *query, crm_str_t *value);

/* Whether any parameter is the one of the file that overrides the method,
 * however it is written: on reads too. Its name is *where. */
int crm_zoho_path_overrides(const crm_dialect_file_t *file, crm_str_t query,
    crm_str_t *where);

#endif
