/*
 * The shape of a document: which keys it may hold, and of which type.
 *
 * Checking a document against the table of its keys finds unknown ones (and
 * suggests the nearest known one), missing ones and wrong types; what the
 * values mean is for the kind's own compiler.
 */

#ifndef CRM_SHAPE_H
#define CRM_SHAPE_H

#include "rules/crm_criteria.h"
#include "rules/crm_key.h"
#include "rules/crm_trail.h"


/*
 * Checks json (which must be an object) against keys. kind names the document
 * in messages ("workflow_rule", "a webhook's body"). Returns CRM_OK, or
 * CRM_EINVAL when findings were added.
 */
crm_status_t crm_shape_check(const json_t *json, const crm_key_t *keys,
    const char *kind, const char *path, crm_compile_t *cc);

/*
 * The same, and hands out what stands there: values[i] of the i-th row of
 * keys, or NULL, also when findings were added. values may be NULL; keys has
 * at most CRM_SHAPE_MAX_KEYS rows.
 */
crm_status_t crm_shape_read(const json_t *json, const crm_key_t *keys,
    const char *kind, const crm_trail_t *at, crm_compile_t *cc,
    const json_t **values);

#define CRM_SHAPE_MAX_KEYS  64

/* The nearest of names (ended by NULL) to text, or NULL if none is near. */
const char *crm_shape_nearest(const char *text, const char *const *names);

/* Adds an error: there is no what of that name among names, whose keys end in
 * a zero byte. Returns CRM_EINVAL. */
crm_status_t crm_shape_reference(crm_compile_t *cc, const char *path,
    const crm_map_t *names, const char *what, crm_str_t name);

/*
 * path + "." + key, path + "[i]": they hold while the document is compiled (a
 * finding has its own copy). Without memory "", and that sticks in findings.
 */
const char *crm_shape_path(crm_compile_t *cc, const char *path,
    const char *key);
const char *crm_shape_index(crm_compile_t *cc, const char *path, size_t i);

/* Adds an error of cc's object; returns CRM_EINVAL. */
crm_status_t crm_shape_error(crm_compile_t *cc, const char *path,
    const char *code, const char *suggestion, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * Adds a warning: what ("blueprint", "an action of type tasks") at path is
 * checked and stored, and this version does not act upon it yet.
 */
void crm_shape_no_run_time(crm_compile_t *cc, const char *path,
    const char *what);

/*
 * What is wrong with one item of a list does not end it, so that people learn
 * all that is: takes the status of an item into that of all of them. 0: out of
 * memory, which *all says, and the list ends.
 */
int crm_shape_go_on(crm_status_t *all, crm_status_t rc);

/*
 * Whether the CRM module of cc has a field of that name: always, unless a
 * document declares its fields. Else an error at path and CRM_EINVAL.
 */
crm_status_t crm_shape_field(crm_compile_t *cc, crm_str_t name,
    const char *path);

/* A jansson string as crm_str_t, or the null string. */
crm_str_t crm_shape_str(const json_t *json);

/* The same as a copy in pool: CRM_OK or CRM_ENOMEM. */
crm_status_t crm_shape_copy(crm_str_t *to, const json_t *json,
    crm_pool_t *pool);

/* A list of them. */
crm_status_t crm_shape_texts(crm_str_t **texts, size_t *count,
    const json_t *json, crm_pool_t *pool);

#endif
