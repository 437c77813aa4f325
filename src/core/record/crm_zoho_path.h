/*
 * zoho: targets and the table of routes. Private to the dialect.
 */

#ifndef CRM_ZOHO_PATH_H
#define CRM_ZOHO_PATH_H

#include "record/crm_zoho.h"


/* version, module, id, related list, its id */
#define CRM_ZOHO_MAX_SEGMENTS  5

typedef struct {
    crm_str_t  segments[CRM_ZOHO_MAX_SEGMENTS];
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

/* A resource of the API, where a module could stand; a word of it, where an id
 * or a related list could. In whatever case. */
int crm_zoho_path_is_resource(crm_str_t s);
int crm_zoho_path_is_word(crm_str_t s);
int crm_zoho_path_is_one_of(crm_str_t s, const char *const *names);

/* s is one of the words, which are parted by single blanks; NULL: none. */
int crm_zoho_path_in_words(crm_str_t s, const char *words);

/* Cuts the first parameter off *query: its name, and *value. */
crm_str_t crm_zoho_path_parameter(crm_str_t *query, crm_str_t *value);

/* Whether any parameter is _method, however it is written: on reads too. */
int crm_zoho_path_overrides(crm_str_t query);


/* ---- the table of routes ---- */

typedef enum {
    CRM_ZOHO_PASS = 0,          /* changes no record: goes on unseen */
    CRM_ZOHO_CREATE,
    CRM_ZOHO_UPDATE,
    CRM_ZOHO_DELETE,
    CRM_ZOHO_ACTION,
    CRM_ZOHO_UPSERT             /* creates or updates: stored records tell */
} crm_zoho_kind_t;

/* What the backend takes as a write. The first row that fits counts. */
typedef struct {
    const char       *methods;  /* parted by blanks */
    const char       *path;     /* {version}, {module} ... stand for names */
    crm_zoho_kind_t   kind;
    crm_targets_t     targets;
    const char       *action;   /* what an action is called */
    unsigned          does;     /* ... and CRM_RESTRICT_... of it */
    const char       *query;    /* parameters that it knows; NULL: none */
} crm_zoho_row_t;

/* Where the segments of a path stand in the row that fits; null strings: its
 * template has no such segment. */
typedef struct {
    const crm_zoho_row_t  *row;
    crm_str_t              module;
    crm_str_t              id;
    crm_str_t              related;
    crm_str_t              rid;
} crm_zoho_match_t;

/* CRM_OK, or CRM_DECLINED: nobody knows that route. */
crm_status_t crm_zoho_routes_match(crm_zoho_match_t *match, crm_str_t method,
    const crm_zoho_path_t *path);

#endif
