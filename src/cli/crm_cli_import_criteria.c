/*
 * Criteria of Zoho CRM: their tree is ours; fields are named by api_name.
 */

#include "crm_cli_import.h"
#include "rules/crm_criteria.h"

#include <string.h>


#define CRITERIA_DEPTH  20


static json_t *criteria_tree(crm_cli_import_item_t *item, json_t *source,
    const char *path, unsigned depth);
static json_t *criteria_group(crm_cli_import_item_t *item, json_t *source,
    const char *path, unsigned depth);
static json_t *criteria_leaf(crm_cli_import_item_t *item, json_t *source,
    const char *path);
static void leaf_value(crm_cli_import_item_t *item, json_t *leaf,
    json_t *value, const char *path);
static int comparator_known(const char *name);


json_t *
crm_cli_import_criteria(crm_cli_import_item_t *item, json_t *map,
    const char *key, const char *path)
{
    json_t  *source;

    source = json_object_get(map, key);

    if (source == NULL || json_is_null(source)) {
        (void) crm_cli_import_take(item->im, map, key);
        return json_null();
    }

    if (!json_is_object(source)) {
        crm_cli_import_refuse(item, path, "criteria are a map or null, and"
                              " this is neither");
        return NULL;
    }

    return criteria_tree(item, source, path, 0);
}


static json_t *
criteria_tree(crm_cli_import_item_t *item, json_t *source, const char *path,
    unsigned depth)
{
    if (depth > CRITERIA_DEPTH) {
        crm_cli_import_refuse(item, path, "groups are nested too deep");
        return NULL;
    }

    return json_is_array(json_object_get(source, "group"))
           ? criteria_group(item, source, path, depth)
           : criteria_leaf(item, source, path);
}


/* The vendor has groups of one; here that is the one. */
static json_t *
criteria_group(crm_cli_import_item_t *item, json_t *source, const char *path,
    unsigned depth)
{
    size_t       i;
    json_t      *group, *list, *member, *only, *result;
    const char  *word;

    word = crm_cli_import_text(item->im, source, "group_operator");
    group = json_object_get(source, "group");
    list = json_array();

    json_array_foreach(group, i, member) {
        result = criteria_tree(item, member,
                               crm_cli_import_at(item->im, "%s.group[%zu]",
                                                 path, i), depth + 1);
        if (result == NULL) {
            json_decref(list);
            return NULL;
        }

        crm_cli_import_append(item->im, list, result);
    }

    if (json_array_size(list) == 1) {
        only = json_incref(json_array_get(list, 0));
        json_decref(list);
        return only;
    }

    return json_pack("{s:s, s:o}", "group_operator",
                     word && (word[0] | 0x20) == 'o' ? "OR" : "AND",
                     "group", list);
}


static json_t *
criteria_leaf(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    json_t            *leaf, *value;
    const char        *field, *comparator, *type;
    crm_cli_import_t  *im;

    im = item->im;
    field = crm_cli_import_api_name(im, source, "field");
    comparator = crm_cli_import_text(im, source, "comparator");
    type = crm_cli_import_text(im, source, "type");
    value = crm_cli_import_take(im, source, "value");

    if (field == NULL || comparator == NULL) {
        crm_cli_import_refuse(item, path, "a criterion lacks its field or"
                              " comparator");
        return NULL;
    }

    if (strchr(field, '.')) {
        crm_cli_import_refuse(item, path, "\"%s\" is a field of another"
                              " record; criteria here see the record that is"
                              " written", field);
        return NULL;
    }

    if (!comparator_known(comparator)) {
        crm_cli_import_refuse(item, path, "there is no comparator \"%s\"",
                              comparator);
        return NULL;
    }

    leaf = json_pack("{s:s, s:s}", "field", field, "comparator", comparator);
    leaf_value(item, leaf, value, path);

    if (type && strcmp(type, "value") != 0) {
        crm_cli_import_put(im, leaf, "type", json_string(type));
    }

    return leaf;
}


static void
leaf_value(crm_cli_import_item_t *item, json_t *leaf, json_t *value,
    const char *path)
{
    if (value == NULL || json_is_null(value)
        || (json_is_string(value) && json_string_length(value) == 0))
    {
        crm_cli_import_note(item, path, "compares with nothing, which is"
                            " written ${EMPTY}");
        crm_cli_import_put(item->im, leaf, "value", json_string("${EMPTY}"));
        return;
    }

    crm_cli_import_put(item->im, leaf, "value", json_incref(value));
}


static int
comparator_known(const char *name)
{
    size_t  i;

    for (i = 0; crm_comparator_names[i]; i++) {
        if (strcmp(crm_comparator_names[i], name) == 0) {
            return 1;
        }
    }

    return strcmp(name, "${ANYVALUE}") == 0;
}
