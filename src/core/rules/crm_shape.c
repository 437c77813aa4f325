/*
 * The shape of a document: which keys it may hold, and of which type.
 */

#include "rules/crm_shape.h"

#include <stdarg.h>
#include <stdio.h>


/* A suggestion further away than this is no help. */
#define SHAPE_MAX_DISTANCE  3


static const crm_key_t *shape_key(const crm_key_t *keys, const char *name);
static crm_status_t shape_missing(const crm_key_t *keys, uint64_t missing,
    const char *kind, const crm_trail_t *at, crm_compile_t *cc);
static void shape_unknown(const crm_key_t *keys, const char *name,
    const char *kind, const crm_trail_t *at, crm_compile_t *cc);
static const char *shape_nearest_key(const crm_key_t *keys, const char *name);
static const char *shape_nearest_name(const crm_map_t *names, crm_str_t name);
static void shape_nearer(crm_str_t text, crm_str_t name, unsigned *best,
    const char **near);
static int shape_fits(const json_t *value, const crm_key_t *key);
static int shape_is_word(const json_t *value, const crm_key_t *key);
static crm_status_t shape_value(const json_t *value, const crm_key_t *key,
    const char *path, crm_compile_t *cc);
static crm_status_t shape_text(const json_t *value, const crm_key_t *key,
    const char *path, crm_compile_t *cc);
static crm_status_t shape_list(const json_t *value, const crm_key_t *key,
    const char *path, crm_compile_t *cc);
static crm_status_t shape_word(const json_t *value, const crm_key_t *key,
    const char *path, crm_compile_t *cc);


crm_status_t
crm_shape_check(const json_t *json, const crm_key_t *keys, const char *kind,
    const char *path, crm_compile_t *cc)
{
    crm_trail_t  at;

    at = crm_trail(path);

    return crm_shape_read(json, keys, kind, &at, cc, NULL);
}


/* The document is walked once: looking up each key by its hash costs more. */
crm_status_t
crm_shape_read(const json_t *json, const crm_key_t *keys, const char *kind,
    const crm_trail_t *at, crm_compile_t *cc, const json_t **values)
{
    void             *iter;
    uint64_t          bit, missing;
    const char       *name;
    const json_t     *value;
    crm_status_t      rc;
    const crm_key_t  *key;

    missing = 0;

    for (key = keys, bit = 1; key->name; key++, bit <<= 1) {
        missing |= key->flags & CRM_KEY_REQUIRED ? bit : 0;

        if (values) {
            values[key - keys] = NULL;
        }
    }

    if (!json_is_object(json)) {
        return crm_shape_error(cc, crm_trail_path(cc, at), "wrong_type", NULL,
                               "%s must be a map of keys and values", kind);
    }

    rc = CRM_OK;

    for (iter = json_object_iter((json_t *) json); iter;
         iter = json_object_iter_next((json_t *) json, iter))
    {
        name = json_object_iter_key(iter);
        value = json_object_iter_value(iter);
        key = shape_key(keys, name);

        if (key == NULL) {
            shape_unknown(keys, name, kind, at, cc);
            rc = CRM_EINVAL;
            continue;
        }

        missing &= ~((uint64_t) 1 << (key - keys));

        if (values) {
            values[key - keys] = value;
        }

        if (!shape_fits(value, key)
            && shape_value(value, key, crm_trail_path_key(cc, at, name), cc)
               != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return missing ? shape_missing(keys, missing, kind, at, cc) : rc;
}


const char *
crm_shape_nearest(const char *text, const char *const *names)
{
    unsigned     best;
    const char  *near;

    near = NULL;
    best = SHAPE_MAX_DISTANCE + 1;

    for ( /* void */ ; *names; names++) {
        shape_nearer(crm_strz(text), crm_strz(*names), &best, &near);
    }

    return near;
}


crm_status_t
crm_shape_reference(crm_compile_t *cc, const char *path,
    const crm_map_t *names, const char *what, crm_str_t name)
{
    const char  *near;

    near = shape_nearest_name(names, name);

    return crm_shape_error(cc, path, "unknown_reference", near, near
                           ? "there is no %s \"%.*s\", did you mean \"%s\"?"
                           : "there is no %s \"%.*s\"", what,
                           (int) name.len, name.data, near);
}


const char *
crm_shape_path(crm_compile_t *cc, const char *path, const char *key)
{
    crm_trail_t  up;

    up = crm_trail(path);

    return crm_trail_path_key(cc, &up, key);
}


const char *
crm_shape_index(crm_compile_t *cc, const char *path, size_t i)
{
    crm_trail_t  up, below;

    up = crm_trail(path);
    below = crm_trail_index(&up, i);

    return crm_trail_path(cc, &below);
}


crm_status_t
crm_shape_error(crm_compile_t *cc, const char *path, const char *code,
    const char *suggestion, const char *fmt, ...)
{
    char     text[600];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    crm_findings_add(cc->findings, CRM_ERROR, cc->object, path, 0, code,
                     suggestion, "%s", text);

    return CRM_EINVAL;
}


void
crm_shape_no_run_time(crm_compile_t *cc, const char *path, const char *what)
{
    crm_findings_add(cc->findings, CRM_WARNING, cc->object, path, 0,
                     "no_run_time", NULL, "%s is checked and stored; this"
                     " version does not act upon it yet", what);
}


int
crm_shape_go_on(crm_status_t *all, crm_status_t rc)
{
    if (rc != CRM_OK) {
        *all = rc;
    }

    return rc != CRM_ENOMEM;
}


crm_status_t
crm_shape_field(crm_compile_t *cc, crm_str_t name, const char *path)
{
    const char  *near;

    if (cc->schema == NULL || !cc->schema->declared || crm_str_is(name, "id")
        || crm_schema_find(cc->schema, name, crm_str_hash(name))
           != CRM_SLOT_NONE)
    {
        return CRM_OK;
    }

    near = shape_nearest_name(&cc->schema->names, name);

    return crm_shape_error(cc, path, "unknown_field", near, near
                           ? "module %s declares no field \"%.*s\", did you"
                           " mean \"%s\"?"
                           : "module %s declares no field \"%.*s\"",
                           cc->module, (int) name.len, name.data, near);
}


crm_str_t
crm_shape_str(const json_t *json)
{
    if (!json_is_string(json)) {
        return CRM_STR_NULL;
    }

    return crm_str(json_string_value(json), json_string_length(json));
}


crm_status_t
crm_shape_copy(crm_str_t *to, const json_t *json, crm_pool_t *pool)
{
    *to = CRM_STR_NULL;

    if (!json_is_string(json)) {
        return CRM_OK;
    }

    *to = crm_pool_dup(pool, crm_shape_str(json));

    return to->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_shape_texts(crm_str_t **texts, size_t *count, const json_t *json,
    crm_pool_t *pool)
{
    size_t   i;
    json_t  *item;

    if (json_array_size(json) == 0) {
        return CRM_OK;
    }

    *texts = crm_pool_calloc(pool, json_array_size(json), sizeof(crm_str_t));
    if (*texts == NULL) {
        return CRM_ENOMEM;
    }

    json_array_foreach((json_t *) json, i, item) {
        if (crm_shape_copy(&(*texts)[i], item, pool) != CRM_OK) {
            return CRM_ENOMEM;
        }
    }

    *count = json_array_size(json);

    return CRM_OK;
}


static const crm_key_t *
shape_key(const crm_key_t *keys, const char *name)
{
    for ( /* void */ ; keys->name; keys++) {
        if (keys->name[0] == name[0] && strcmp(keys->name, name) == 0) {
            return keys;
        }
    }

    return NULL;
}


/* Bits of those rows of keys that should have been there. */
static crm_status_t
shape_missing(const crm_key_t *keys, uint64_t missing, const char *kind,
    const crm_trail_t *at, crm_compile_t *cc)
{
    for ( /* void */ ; missing; keys++, missing >>= 1) {
        if (missing & 1) {
            (void) crm_shape_error(cc, crm_trail_path(cc, at), "missing_key",
                                   keys->name, "%s lacks \"%s\"", kind,
                                   keys->name);
        }
    }

    return CRM_EINVAL;
}


static void
shape_unknown(const crm_key_t *keys, const char *name, const char *kind,
    const crm_trail_t *at, crm_compile_t *cc)
{
    const char  *near;

    near = shape_nearest_key(keys, name);

    crm_findings_add(cc->findings, CRM_ERROR, cc->object,
                     crm_trail_path_key(cc, at, name), 1, "unknown_key", near,
                     near ? "unknown key \"%s\" in %s, did you mean \"%s\"?"
                          : "unknown key \"%s\" in %s", name, kind, near);
}


static const char *
shape_nearest_key(const crm_key_t *keys, const char *name)
{
    unsigned     best;
    const char  *near;

    near = NULL;
    best = SHAPE_MAX_DISTANCE + 1;

    for ( /* void */ ; keys->name; keys++) {
        shape_nearer(crm_strz(name), crm_strz(keys->name), &best, &near);
    }

    return near;
}


static const char *
shape_nearest_name(const crm_map_t *names, crm_str_t name)
{
    size_t       i;
    unsigned     best;
    const char  *near;

    near = NULL;
    best = SHAPE_MAX_DISTANCE + 1;

    for (i = 0; i < names->count; i++) {
        shape_nearer(name, names->entries[i].key, &best, &near);
    }

    return near;
}


/* Takes name if it is nearer to text than what was found so far. */
static void
shape_nearer(crm_str_t text, crm_str_t name, unsigned *best,
    const char **near)
{
    unsigned  d;

    d = crm_str_distance(text, name, SHAPE_MAX_DISTANCE);

    if (d < *best && d < name.len) {
        *best = d;
        *near = name.data;
    }
}


/* Whether what is plainly right is so: most values are, and need no path. */
static int
shape_fits(const json_t *value, const crm_key_t *key)
{
    size_t  len;

    if (json_is_null(value) && (key->flags & CRM_KEY_NULLABLE)) {
        return 1;
    }

    switch (key->type) {

    case CRM_KEY_ANY:
        return 1;

    case CRM_KEY_TEXT:
        len = json_string_length(value);
        return len != 0 && strlen(json_string_value(value)) == len
               && (key->max == 0 || len <= (size_t) key->max);

    case CRM_KEY_BOOL:
        return json_is_boolean(value);

    case CRM_KEY_INTEGER:
        return json_is_integer(value)
               && ((key->min == 0 && key->max == 0)
                   || (json_integer_value(value) >= key->min
                       && json_integer_value(value) <= key->max));

    case CRM_KEY_OBJECT:
        return json_is_object(value);

    case CRM_KEY_LIST:
        len = json_array_size(value);
        return json_is_array(value) && len >= (size_t) key->min
               && (key->max == 0 || len <= (size_t) key->max);

    case CRM_KEY_WORD:
        return shape_is_word(value, key);

    default:
        return 0;
    }
}


static int
shape_is_word(const json_t *value, const crm_key_t *key)
{
    size_t       i;
    const char  *word;

    word = json_string_value(value);

    for (i = 0; word && key->words[i]; i++) {
        if (key->words[i][0] == word[0] && strcmp(key->words[i], word) == 0) {
            return 1;
        }
    }

    return 0;
}


/* What is wrong with a value that does not plainly fit; maybe nothing. */
static crm_status_t
shape_value(const json_t *value, const crm_key_t *key, const char *path,
    crm_compile_t *cc)
{
    switch (key->type) {

    case CRM_KEY_TEXT:
    case CRM_KEY_STRING:
        return shape_text(value, key, path, cc);

    case CRM_KEY_BOOL:
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must be true or false", key->name);

    case CRM_KEY_INTEGER:
        if (key->min || key->max) {
            return crm_shape_error(cc, path, "wrong_type", NULL,
                                   "%s must be a whole number from %lld to"
                                   " %lld", key->name, key->min, key->max);
        }

        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must be a whole number", key->name);

    case CRM_KEY_OBJECT:
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must be a map of keys and values",
                               key->name);

    case CRM_KEY_LIST:
    case CRM_KEY_TEXTS:
        return shape_list(value, key, path, cc);

    case CRM_KEY_WORD:
        return shape_word(value, key, path, cc);

    default: /* CRM_KEY_ANY */
        return CRM_OK;
    }
}


static crm_status_t
shape_text(const json_t *value, const crm_key_t *key, const char *path,
    crm_compile_t *cc)
{
    size_t  len;

    if (!json_is_string(value)) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must be text%s", key->name,
                               json_is_number(value) || json_is_boolean(value)
                               ? "; put it in quotes" : "");
    }

    len = json_string_length(value);

    if (len == 0 && key->type == CRM_KEY_TEXT) {
        return crm_shape_error(cc, path, "empty", NULL,
                               "%s must not be empty", key->name);
    }

    if (strlen(json_string_value(value)) != len) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must not hold a zero byte", key->name);
    }

    if (key->max && len > (size_t) key->max) {
        return crm_shape_error(cc, path, "too_long", NULL,
                               "%s must have at most %lld bytes",
                               key->name, key->max);
    }

    return CRM_OK;
}


static crm_status_t
shape_list(const json_t *value, const crm_key_t *key, const char *path,
    crm_compile_t *cc)
{
    size_t        i, count;
    json_t       *item;
    crm_status_t  rc;

    if (!json_is_array(value)) {
        return crm_shape_error(cc, path, "wrong_type", NULL,
                               "%s must be a list", key->name);
    }

    count = json_array_size(value);

    if (count < (size_t) key->min) {
        return crm_shape_error(cc, path, "too_few", NULL,
                               "%s must have at least %lld member%s",
                               key->name, key->min, key->min == 1 ? "" : "s");
    }

    if (key->max && count > (size_t) key->max) {
        return crm_shape_error(cc, path, "limit_exceeded", NULL,
                               "%s has %zu members, at most %lld are allowed",
                               key->name, count, key->max);
    }

    if (key->type == CRM_KEY_LIST) {
        return CRM_OK;
    }

    rc = CRM_OK;

    json_array_foreach((json_t *) value, i, item) {
        if (!json_is_string(item) || json_string_length(item) == 0) {
            rc = crm_shape_error(cc, crm_shape_index(cc, path, i),
                                 "wrong_type", NULL,
                                 "each member of %s must be text", key->name);
        }
    }

    return rc;
}


static crm_status_t
shape_word(const json_t *value, const crm_key_t *key, const char *path,
    crm_compile_t *cc)
{
    size_t        i;
    crm_buf_t     list;
    const char   *near;

    crm_buf_init(&list, cc->pool, 0);
    for (i = 0; key->words[i]; i++) {
        crm_buf_puts(&list, i ? ", " : "");
        crm_buf_puts(&list, key->words[i]);
    }
    crm_buf_putc(&list, '\0');

    if (crm_buf_status(&list) != CRM_OK) {
        cc->findings->status = CRM_ENOMEM;
        return CRM_EINVAL;
    }

    near = json_is_string(value)
           ? crm_shape_nearest(json_string_value(value), key->words) : NULL;

    return crm_shape_error(cc, path, "unknown_word", near,
                           "%s must be one of: %s", key->name, list.data);
}
