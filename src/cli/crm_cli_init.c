/*
 * The command init: a newcomer's first rule folder.
 */

#include "crm_cli_init.h"
#include "crm_cli.h"
#include "crm_cli_print.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>


#define INIT_NAMED  3           /* how many of what is there are named */


static int init_folder(const char *dir);
static int folder_is_empty(DIR *handle, const char *dir);
static int init_write(const char *dir, const crm_cli_init_file_t *file,
    crm_pool_t *pool);
static void init_next(const char *dir);


crm_cli_exit_t
crm_cli_init(crm_cli_t *cli)
{
    const char                 *dir;
    const crm_cli_init_file_t  *file;

    dir = cli->opts.args[1];

    if (init_folder(dir) != 0) {
        return CRM_CLI_FAILED;
    }

    for (file = crm_cli_init_files; file->name; file++) {
        if (init_write(dir, file, cli->pool) != 0) {
            return CRM_CLI_FAILED;
        }
    }

    init_next(dir);

    return CRM_CLI_OK;
}


/* Makes the folder, or takes one that is empty. */
static int
init_folder(const char *dir)
{
    int   rc;
    DIR  *handle;

    if (mkdir(dir, 0777) == 0) {
        return 0;
    }

    handle = errno == EEXIST ? opendir(dir) : NULL;

    if (handle == NULL) {
        crm_cli_complain("%s cannot be made: %s", dir, strerror(errno));
        return -1;
    }

    rc = folder_is_empty(handle, dir);
    (void) closedir(handle);

    return rc;
}


/* Git's own folder does not count: many begin with that. */
static int
folder_is_empty(DIR *handle, const char *dir)
{
    char            list[400];
    size_t          count, len;
    struct dirent  *entry;

    count = 0;
    len = 0;
    list[0] = '\0';

    while ((entry = readdir(handle)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || strcmp(entry->d_name, ".git") == 0)
        {
            continue;
        }

        if (count++ < INIT_NAMED && len < sizeof(list)) {
            len += (size_t) snprintf(list + len, sizeof(list) - len, "%s%.100s",
                                     len ? ", " : "", entry->d_name);
        }
    }

    if (count == 0) {
        return 0;
    }

    crm_cli_complain("%s is not empty: there %s %s%s; give init a folder that"
                     " is, or one that is not there yet", dir,
                     count == 1 ? "is" : "are", list,
                     count > INIT_NAMED ? " and more" : "");

    return -1;
}


static int
init_write(const char *dir, const crm_cli_init_file_t *file, crm_pool_t *pool)
{
    FILE       *out;
    crm_str_t   path;

    path = crm_pool_printf(pool, "%s/%s", dir, file->name);
    if (path.data == NULL) {
        (void) crm_cli_no_memory();
        return -1;
    }

    out = fopen(path.data, "wxe");

    if (out == NULL || fputs(file->text, out) < 0) {
        crm_cli_complain("%s cannot be written: %s", path.data,
                         strerror(errno));

        if (out) {
            (void) fclose(out);
        }

        return -1;
    }

    if (fclose(out) != 0) {
        crm_cli_complain("%s cannot be written: %s", path.data,
                         strerror(errno));
        return -1;
    }

    return 0;
}


static void
init_next(const char *dir)
{
    const crm_cli_init_file_t  *file;

    for (file = crm_cli_init_files; file->name; file++) {
        printf("wrote %s/%s\n", dir, file->name);
    }

    printf("\nNext:\n"
           "  crmctl validate %s      is it right?\n"
           "  crmctl test %s          does it do what its tests say?\n"
           "  crmctl apply %s         make it live (needs Redis: --redis,"
           " --org)\n\n"
           "Then change a rule, and see which test fails. For an editor that"
           " knows the keys:\n"
           "  crmctl schema > .rules.schema.json\n", dir, dir, dir);
}
