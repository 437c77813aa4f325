/*
 * zoho: every route of the vendor's API that writes, v2 and later.
 *
 * What stands here is judged, or passes since it changes no record; what does
 * not is refused. docs/routes.md tells the same, row by row, and a test keeps
 * the two together.
 */

#include "record/crm_zoho_path.h"


#define UPDATES  CRM_RESTRICT_UPDATE
#define DELETES  CRM_RESTRICT_DELETE
#define OWNS     CRM_RESTRICT_CHANGE_OWNER
#define TAGS     CRM_RESTRICT_TAGS
#define CONVERTS CRM_RESTRICT_CONVERT

#define ONE(methods, path, action, does, query)                               \
    { methods, "{version}/{module}/{id}/" path, CRM_ZOHO_ACTION,              \
      CRM_TARGETS_PATH, action, does, query }
#define MANY(methods, path, action, does, query)                              \
    { methods, "{version}/{module}/" path, CRM_ZOHO_ACTION,                   \
      CRM_TARGETS_LIST, action, does, query }
#define ALL(methods, path, action, does)                                      \
    { methods, path, CRM_ZOHO_ACTION, CRM_TARGETS_ALL, action, does, NULL }
#define PASS(methods, path)                                                   \
    { methods, path, CRM_ZOHO_PASS, CRM_TARGETS_PATH, NULL, 0, NULL }


static int routes_fits(crm_zoho_match_t *match, const crm_zoho_row_t *row,
    const crm_zoho_path_t *path);
static int routes_segment(crm_zoho_match_t *match, crm_str_t word,
    crm_str_t segment);


static const crm_zoho_row_t  routes[] = {

    /* records */

    { "POST", "{version}/{module}", CRM_ZOHO_CREATE, CRM_TARGETS_LIST,
      NULL, 0, NULL },
    { "PUT PATCH", "{version}/{module}/{id}", CRM_ZOHO_UPDATE,
      CRM_TARGETS_PATH, NULL, 0, NULL },
    { "DELETE", "{version}/{module}/{id}", CRM_ZOHO_DELETE,
      CRM_TARGETS_PATH, NULL, 0, "wf_trigger" },
    { "PUT PATCH", "{version}/{module}", CRM_ZOHO_UPDATE, CRM_TARGETS_LIST,
      NULL, 0, NULL },
    { "DELETE", "{version}/{module}", CRM_ZOHO_DELETE, CRM_TARGETS_LIST,
      NULL, 0, "ids wf_trigger" },
    { "POST", "{version}/{module}/upsert", CRM_ZOHO_UPSERT, CRM_TARGETS_LIST,
      "upsert", UPDATES, NULL },

    /* actions on a record that the path names */

    PASS("POST", "{version}/{module}/{id}/actions/clone"),
    ONE("POST", "actions/convert", "convert", CONVERTS, NULL),
    ONE("POST", "actions/change_owner", "change_owner", OWNS, NULL),
    ONE("POST", "actions/add_tags", "add_tags", TAGS,
        "tag_names over_write"),
    ONE("POST", "actions/remove_tags", "remove_tags", TAGS, "tag_names"),
    ONE("PUT", "actions/blueprint", "blueprint", UPDATES, NULL),
    ONE("POST", "actions/approvals", "approvals", UPDATES, NULL),
    ONE("POST PUT DELETE", "actions/share", "share", UPDATES, NULL),
    ONE("POST", "actions/assign_territories", "territories", UPDATES, NULL),
    ONE("POST", "actions/remove_territories", "territories", UPDATES, NULL),
    ONE("POST", "actions/enrol_in_cadences", "cadences", UPDATES, NULL),
    ONE("POST", "actions/unenrol_from_cadences", "cadences", UPDATES, NULL),
    ONE("PUT", "actions/run_scoring_rules", "scoring", UPDATES, NULL),
    ONE("POST", "actions/cancel", "cancel", UPDATES, NULL),
    PASS("POST", "{version}/{module}/{id}/actions/send_mail"),
    ALL("POST", "{version}/{module}/{id}/actions/merge", "merge",
        UPDATES|DELETES),

    /* on records that query or body name, or say by which view to find */

    MANY("POST", "actions/mass_update", "mass_update", UPDATES, NULL),
    MANY("POST", "actions/mass_delete", "mass_delete", DELETES, NULL),
    MANY("POST", "actions/mass_convert", "convert", CONVERTS, NULL),
    MANY("POST", "actions/change_owner", "change_owner", OWNS, NULL),
    MANY("POST", "actions/mass_change_owner", "change_owner", OWNS, NULL),
    MANY("POST", "actions/add_tags", "add_tags", TAGS,
         "ids tag_names over_write"),
    MANY("POST", "actions/remove_tags", "remove_tags", TAGS,
         "ids tag_names"),
    MANY("POST", "actions/assign_territories", "territories", UPDATES, NULL),
    MANY("POST", "actions/remove_territories", "territories", UPDATES, NULL),
    MANY("POST", "actions/enrol_in_cadences", "cadences", UPDATES, NULL),
    MANY("POST", "actions/unenrol_from_cadences", "cadences", UPDATES, NULL),
    MANY("PUT", "actions/run_scoring_rules", "scoring", UPDATES, NULL),

    /* what hangs on a record */

    ONE("POST DELETE", "photo", "photo", UPDATES, "restrict_triggers"),
    ONE("POST PUT DELETE", "Locking_Information__s", "lock", UPDATES, NULL),
    ONE("PUT DELETE", "Locking_Information__s/{rid}", "lock", UPDATES, NULL),
    ONE("POST PUT DELETE", "{related}", "related", UPDATES, "ids"),
    ONE("PUT DELETE", "{related}/{rid}", "related", UPDATES, NULL),

    /* on records of any module, which nobody can name */

    { "POST", "{version}/__composite_requests", CRM_ZOHO_ACTION,
      CRM_TARGETS_INNER, "composite", 0, NULL },
    ALL("POST", "bulk/{version}/write", "bulk_write", UPDATES),
    ALL("POST DELETE", "{version}/users/{name}/actions/transfer_and_delete",
        "transfer", UPDATES|OWNS),

    /* what writes no record */

    PASS("POST", "{version}/coql"),
    PASS("POST", "{version}/actions/search"),
    PASS("POST", "{version}/{module}/search"),
    PASS("POST", "{version}/{module}/actions/search"),
    PASS("POST PUT PATCH DELETE", "{version}/actions/watch"),
    PASS("POST", "{version}/functions/{name}/actions/execute"),
    PASS("POST", "{version}/files"),
    PASS("POST", "bulk/{version}/read")
};


crm_status_t
crm_zoho_routes_match(crm_zoho_match_t *match, crm_str_t method,
    const crm_zoho_path_t *path)
{
    size_t  i;

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        memset(match, 0, sizeof(crm_zoho_match_t));

        if (crm_zoho_path_in_words(method, routes[i].methods)
            && routes_fits(match, &routes[i], path))
        {
            match->row = &routes[i];
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


static int
routes_fits(crm_zoho_match_t *match, const crm_zoho_row_t *row,
    const crm_zoho_path_t *path)
{
    size_t       i;
    crm_str_t    word;
    const char  *p, *end;

    p = row->path;

    for (i = 0; i < path->count && i < CRM_ZOHO_MAX_SEGMENTS; i++) {
        end = strchr(p, '/');
        word = end ? crm_str(p, (size_t) (end - p)) : crm_strz(p);

        if (!routes_segment(match, word, path->segments[i])) {
            return 0;
        }

        if (end == NULL) {
            return i + 1 == path->count;
        }

        p = end + 1;
    }

    return 0;
}


static int
routes_segment(crm_zoho_match_t *match, crm_str_t word, crm_str_t segment)
{
    if (word.data[0] != '{') {
        return crm_str_eq(word, segment);
    }

    if (crm_str_is(word, "{version}")) {
        return crm_zoho_path_is_version(segment);
    }

    if (crm_str_is(word, "{module}")) {
        match->module = segment;
        return crm_zoho_path_is_name(segment)
               && !crm_zoho_path_is_resource(segment);
    }

    if (crm_str_is(word, "{id}")) {
        match->id = segment;
        return !crm_zoho_path_is_word(segment);
    }

    if (crm_str_is(word, "{related}")) {
        match->related = segment;
        return crm_zoho_path_is_name(segment)
               && !crm_zoho_path_is_word(segment);
    }

    if (crm_str_is(word, "{rid}")) {
        match->rid = segment;
        return crm_dialect_is_id(segment);
    }

    return 1;       /* {name} */
}
