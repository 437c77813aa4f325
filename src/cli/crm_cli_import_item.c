/*
 * Rules of another system: objects of the source, and what became of them.
 */

#include "crm_cli_import.h"
#include "crm_cli_print.h"

#include <stdarg.h>
#include <string.h>


#define IMPORT_NAME   100           /* bytes that our names may have */
#define IMPORT_DEPTH  100


static void item_name(crm_cli_import_item_t *item);
static void item_note(crm_cli_import_item_t *item, const char *path,
    const char *fmt, va_list args);
static void left_over(crm_cli_import_t *im, const json_t *value,
    const char *path, unsigned depth);


static const char *const  result_names[] = {
    "imported", "changed", "not_imported"
};


int
crm_cli_import_begin(crm_cli_import_t *im, crm_pool_t *pool)
{
    memset(im, 0, sizeof(crm_cli_import_t));

    im->pool = pool;
    im->kept = json_array();
    im->objects = json_array();
    im->report = json_array();
    im->ignored = json_object();
    im->unknown = json_array();
    im->names = json_object();
    im->used = json_object();

    return im->kept && im->objects && im->report && im->ignored && im->unknown
           && im->names && im->used ? 0 : -1;
}


void
crm_cli_import_end(crm_cli_import_t *im)
{
    json_decref(im->kept);
    json_decref(im->objects);
    json_decref(im->report);
    json_decref(im->ignored);
    json_decref(im->unknown);
    json_decref(im->names);
    json_decref(im->used);
}


void
crm_cli_import_item(crm_cli_import_item_t *item, crm_cli_import_t *im,
    const char *kind, json_t *source, const char *path)
{
    memset(item, 0, sizeof(crm_cli_import_item_t));

    item->im = im;
    item->kind = kind;
    item->path = path;
    item->source = source;
    item->doc = json_object();
    item->notes = json_array();
    item->id = crm_cli_import_text(im, source, "id");
    item->name = crm_cli_import_text(im, source, "name");

    crm_cli_import_put(im, item->doc, "kind", json_string(kind));

    if (item->name == NULL || item->name[0] == '\0') {
        item->name = "";
        crm_cli_import_refuse(item, "name", "it has no name");
        return;
    }

    item_name(item);

    crm_cli_import_put(im, item->doc, "name", json_string(item->name));
}


/* Here names identify, so that each is given once. */
static void
item_name(crm_cli_import_item_t *item)
{
    size_t             len;
    const char        *key, *given;
    crm_cli_import_t  *im;

    im = item->im;
    len = strlen(item->name);

    if (len > IMPORT_NAME) {
        for (len = IMPORT_NAME; (item->name[len] & 0xc0) == 0x80; len--) {
            /* not within a character */
        }

        given = crm_cli_import_at(im, "%.*s", (int) len, item->name);
        crm_cli_import_note(item, "name", "is longer than %d bytes, and cut",
                            IMPORT_NAME);
        item->name = given;
    }

    key = crm_cli_import_at(im, "%s %s", item->kind, item->name);

    if (json_object_get(im->used, key)) {
        given = crm_cli_import_at(im, "%.60s (%s)", item->name,
                                  item->id ? item->id : item->path);
        crm_cli_import_note(item, "name", "there are two of this name: this"
                            " one is called \"%s\"", given);
        item->name = given;
        key = crm_cli_import_at(im, "%s %s", item->kind, item->name);
    }

    crm_cli_import_put(im, im->used, key, json_true());
}


void
crm_cli_import_item_end(crm_cli_import_item_t *item)
{
    json_t                   *entry;
    crm_cli_import_t         *im;
    crm_cli_import_result_t   result;

    im = item->im;
    result = item->refused ? CRM_CLI_NOT_IMPORTED
             : json_array_size(item->notes) ? CRM_CLI_IMPORTED_CHANGED
             : CRM_CLI_IMPORTED;

    im->counts[result]++;

    entry = json_pack("{s:s, s:s, s:s, s:s?, s:s, s:O}",
                      "result", result_names[result], "kind", item->kind,
                      "name", item->name, "id", item->id, "path", item->path,
                      "notes", item->notes);
    crm_cli_import_append(im, im->report, entry);

    if (item->refused) {
        json_object_clear(item->source);

    } else {
        left_over(im, item->source, item->path, 0);
        crm_cli_import_append(im, im->objects, json_incref(item->doc));
    }

    json_decref(item->doc);
    json_decref(item->notes);
}


/* Empty maps and lists are what was understood; all else was not. */
static void
left_over(crm_cli_import_t *im, const json_t *value, const char *path,
    unsigned depth)
{
    size_t       i;
    json_t      *member;
    const char  *key;

    if (json_is_object(value) && depth < IMPORT_DEPTH) {
        json_object_foreach((json_t *) value, key, member) {
            left_over(im, member, crm_cli_import_at(im, "%s.%s", path, key),
                      depth + 1);
        }

    } else if (json_is_array(value) && depth < IMPORT_DEPTH) {
        json_array_foreach(value, i, member) {
            left_over(im, member, crm_cli_import_at(im, "%s[%zu]", path, i),
                      depth + 1);
        }

    } else {
        crm_cli_import_append(im, im->unknown, json_string(path));
    }
}


void
crm_cli_import_note(crm_cli_import_item_t *item, const char *path,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    item_note(item, path, fmt, args);
    va_end(args);
}


void
crm_cli_import_refuse(crm_cli_import_item_t *item, const char *path,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    item_note(item, path, fmt, args);
    va_end(args);

    item->refused = 1;
}


static void
item_note(crm_cli_import_item_t *item, const char *path, const char *fmt,
    va_list args)
{
    char  text[600];

    (void) vsnprintf(text, sizeof(text), fmt, args);

    crm_cli_import_append(item->im, item->notes,
                          json_pack("{s:s, s:o}", "path", path,
                                    "text", crm_cli_json_text(text)));
}


json_t *
crm_cli_import_take(crm_cli_import_t *im, json_t *map, const char *key)
{
    json_t  *value;

    value = json_object_get(map, key);
    if (value == NULL) {
        return NULL;
    }

    crm_cli_import_append(im, im->kept, json_incref(value));
    (void) json_object_del(map, key);

    return value;
}


const char *
crm_cli_import_text(crm_cli_import_t *im, json_t *map, const char *key)
{
    return json_is_string(json_object_get(map, key))
           ? json_string_value(crm_cli_import_take(im, map, key)) : NULL;
}


const char *
crm_cli_import_api_name(crm_cli_import_t *im, json_t *map, const char *key)
{
    json_t      *value;
    const char  *name;

    static const char *const  beside[] = {
        "id", "name", "module_name", "plural_label", "singular_label", NULL
    };

    value = json_object_get(map, key);

    if (json_is_object(value)) {
        name = crm_cli_import_text(im, value, "api_name");
        crm_cli_import_ignore(im, value, beside);

        return name;
    }

    return crm_cli_import_text(im, map, key);
}


void
crm_cli_import_ignore(crm_cli_import_t *im, json_t *map,
    const char *const *names)
{
    json_t  *count;

    for ( /* void */ ; *names; names++) {
        if (json_object_get(map, *names) == NULL) {
            continue;
        }

        count = json_object_get(im->ignored, *names);
        crm_cli_import_put(im, im->ignored, *names,
                           json_integer(json_integer_value(count) + 1));
        (void) json_object_del(map, *names);
    }
}


int
crm_cli_import_flag(crm_cli_import_t *im, json_t *map, const char *key)
{
    const json_t  *value;

    value = crm_cli_import_take(im, map, key);

    return json_is_true(value);
}


void
crm_cli_import_put(crm_cli_import_t *im, json_t *map, const char *key,
    json_t *value)
{
    if (json_object_set_new(map, key, value) != 0) {
        im->failed = 1;
    }
}


void
crm_cli_import_append(crm_cli_import_t *im, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0) {
        im->failed = 1;
    }
}


const char *
crm_cli_import_at(crm_cli_import_t *im, const char *fmt, ...)
{
    char       text[1000];
    va_list    args;
    crm_str_t  copy;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    copy = crm_pool_dup(im->pool, crm_strz(text));

    if (copy.data == NULL) {
        im->failed = 1;
        return "";
    }

    return copy.data;
}
